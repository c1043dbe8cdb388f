#include "open_splits.h"

#include <algorithm>
#include <utility>

#include "bytes.h"
#include "patch_merge.h"
#include "split_keys.h"

namespace gnocchi::rocks {
namespace {

/// Late measures may go to the split before the newest one; older ones are too rare to remember.
constexpr std::ptrdiff_t kGroupsOfAGranularity = 2;
constexpr std::uint64_t kMost = 1U << 16;

std::string code_of(std::string_view method) {
  std::string code;
  put_method(code, method);
  return code;
}

/// Nearly all codes are one byte.
bool same_code(BytesView a, BytesView b) {
  return a.size() == b.size() && a.front() == b.front() && (a.size() == 1 || a == b);
}

/// What stands before the methods of a group.
struct GroupHead {
  std::int64_t granularity_ns;
  std::int64_t start_ns;
  std::uint64_t methods;

  static std::optional<GroupHead> take(BytesView& in) {
    const auto granularity_ns = take_ordered(in);
    const auto start_ns = take_ordered(in);
    const auto methods = take_varint(in);
    if (!granularity_ns || !start_ns || !methods || *methods > kMost) return std::nullopt;
    return GroupHead{*granularity_ns, *start_ns, *methods};
  }
};

struct MethodPart {
  BytesView code;
  BytesView patches;

  static std::optional<MethodPart> take(BytesView& in) {
    const auto code = take_method_code(in);
    const auto size = code ? take_varint(in) : std::nullopt;
    const auto patches = size ? take_bytes(in, *size) : std::nullopt;
    if (!patches) return std::nullopt;
    return MethodPart{*code, *patches};
  }
};

}  // namespace

bool OpenSplits::Group::holds(const SplitKey& key) const noexcept {
  return start_ns == key.start.time_since_epoch().count() &&
         granularity_ns == key.granularity.count();
}

template <class Groups>
auto OpenSplits::find(Groups& groups, const SplitKey& key)
    -> decltype(groups.front().methods.data()) {
  const std::string code = code_of(key.method);
  for (auto& group : groups) {
    if (!group.holds(key)) continue;
    for (auto& method : group.methods) {
      if (same_code(method.code, code)) return &method;
    }
  }
  return nullptr;
}

bool OpenSplits::contains(const SplitKey& key) const { return find(groups_, key) != nullptr; }

std::vector<OpenSplits::Spilled> OpenSplits::add(const SplitKey& key) {
  if (contains(key)) return {};
  const auto group = std::find_if(groups_.begin(), groups_.end(),
                                  [&key](const Group& one) { return one.holds(key); });
  if (group != groups_.end()) {
    group->methods.push_back({code_of(key.method), {}, {}, {}});
    return {};
  }
  const std::int64_t granularity_ns = key.granularity.count();
  const auto same = [granularity_ns](const Group& other) {
    return other.granularity_ns == granularity_ns;
  };
  groups_.push_back(
      {granularity_ns, key.start.time_since_epoch().count(), {{code_of(key.method), {}, {}, {}}}});
  if (std::count_if(groups_.begin(), groups_.end(), same) <= kGroupsOfAGranularity) return {};
  const auto oldest =
      std::min_element(groups_.begin(), groups_.end(), [&](const Group& a, const Group& b) {
        return same(a) != same(b) ? same(a) : a.start_ns < b.start_ns;
      });
  std::vector<Spilled> spilled;
  spill(*oldest, spilled);
  groups_.erase(oldest);
  return spilled;
}

void OpenSplits::remove(const SplitKey& key) {
  const auto group = std::find_if(groups_.begin(), groups_.end(),
                                  [&key](const Group& one) { return one.holds(key); });
  if (group == groups_.end()) return;
  const std::string code = code_of(key.method);
  std::erase_if(group->methods, [&code](const Method& one) { return one.code == code; });
  if (group->methods.empty()) groups_.erase(group);
}

bool OpenSplits::patch(const SplitKey& key, std::uint64_t offset, BytesView data) {
  Method* method = find(groups_, key);
  if (method == nullptr) return false;
  method->fresh_offset = offset;
  method->fresh = data;
  return true;
}

std::size_t OpenSplits::patch_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const Group& group : groups_) {
    for (const Method& method : group.methods) {
      bytes += method.fresh_offset
                   ? size_with_patch(method.patches, *method.fresh_offset, method.fresh.size())
                   : method.patches.size();
    }
  }
  return bytes;
}

void OpenSplits::Method::collect(std::string& operand) const {
  operand.assign(patches);
  if (fresh_offset) add_patch(operand, *fresh_offset, fresh);
}

std::vector<OpenSplits::Spilled> OpenSplits::spill() {
  std::vector<Spilled> spilled;
  for (Group& group : groups_) spill(group, spilled);
  return spilled;
}

void OpenSplits::spill(Group& group, std::vector<Spilled>& spilled) {
  for (Method& method : group.methods) {
    if (method.patches.empty() && !method.fresh_offset) continue;
    std::string place;
    put_ordered(place, group.granularity_ns);
    put_ordered(place, group.start_ns);
    place.append(method.code);
    Spilled& split = spilled.emplace_back(Spilled{std::move(place), {}});
    method.collect(split.patches);
    method.patches = {};
    method.fresh_offset.reset();
  }
}

void OpenSplits::encode(std::string& out, std::string& scratch) const {
  put_varint(out, groups_.size());
  for (const Group& group : groups_) {
    put_ordered(out, group.granularity_ns);
    put_ordered(out, group.start_ns);
    put_varint(out, group.methods.size());
    for (const Method& method : group.methods) {
      out.append(method.code);
      method.collect(scratch);
      put_varint(out, scratch.size());
      out.append(scratch);
    }
  }
}

std::optional<OpenSplits> OpenSplits::take(BytesView& in) {
  OpenSplits open;
  const auto groups = take_varint(in);
  if (!groups || *groups > kMost) return std::nullopt;
  open.groups_.reserve(*groups);
  for (std::uint64_t i = 0; i < *groups; ++i) {
    const auto head = GroupHead::take(in);
    if (!head) return std::nullopt;
    Group& group = open.groups_.emplace_back(Group{head->granularity_ns, head->start_ns, {}});
    group.methods.reserve(head->methods);
    for (std::uint64_t m = 0; m < head->methods; ++m) {
      const auto method = MethodPart::take(in);
      if (!method) return std::nullopt;
      group.methods.push_back({std::string(method->code), method->patches, {}, {}});
    }
  }
  return open;
}

std::optional<BytesView> OpenSplits::find_patches(BytesView encoded, const SplitKey& key) {
  const auto groups = take_varint(encoded);
  if (!groups || *groups > kMost) return std::nullopt;
  const std::string code = code_of(key.method);
  BytesView found;
  for (std::uint64_t i = 0; i < *groups; ++i) {
    const auto head = GroupHead::take(encoded);
    if (!head) return std::nullopt;
    const bool is_it = head->granularity_ns == key.granularity.count() &&
                       head->start_ns == key.start.time_since_epoch().count();
    for (std::uint64_t m = 0; m < head->methods; ++m) {
      const auto method = MethodPart::take(encoded);
      if (!method) return std::nullopt;
      if (is_it && same_code(method->code, code)) found = method->patches;
    }
  }
  return found;
}

}  // namespace gnocchi::rocks
