#include "patch_merge.h"

#include <algorithm>
#include <optional>

#include "bytes.h"
#include "database.h"

namespace gnocchi::rocks {
namespace {

/// No split is as long: 3,600 cells are 32,400 bytes.
constexpr std::uint64_t kLargestObject = 1U << 24;

/// What the numbers before a patch's data take.
constexpr std::size_t kMostNumbers = 8;

struct Patch {
  std::uint64_t offset = 0;
  BytesView data;

  std::uint64_t end() const { return offset + data.size(); }
};

/// Takes the first patch off the operand; nullopt: what is there is none.
std::optional<Patch> take_patch(BytesView& operand) {
  const auto offset = take_varint(operand);
  const auto size = take_varint(operand);
  if (!offset || !size || *size > operand.size() || *offset > kLargestObject ||
      *offset + *size > kLargestObject) {
    return std::nullopt;
  }
  const Patch patch{*offset, operand.substr(0, *size)};
  operand.remove_prefix(*size);
  return patch;
}

/// The last patch of an operand, and where it begins; none of one that is empty or damaged.
struct LastPatch {
  std::optional<Patch> patch;
  std::size_t place = 0;
};

LastPatch last_of(BytesView operand) {
  LastPatch last;
  for (BytesView left = operand; !left.empty();) {
    last.place = operand.size() - left.size();
    last.patch = take_patch(left);
    if (!last.patch) break;
  }
  return last;
}

/// How far the operand's patches reach, in bytes of the object.
std::uint64_t reach_of(BytesView operand) {
  std::uint64_t reach = 0;
  while (const auto patch = operand.empty() ? std::nullopt : take_patch(operand)) {
    reach = std::max(reach, patch->end());
  }
  return reach;
}

bool touches(const Patch& patch, std::uint64_t offset) {
  return offset >= patch.offset && offset <= patch.end();
}

/// Collects patches, those that touch each other as one.
class Coalescer {
 public:
  explicit Coalescer(std::string& out) : out_(out) {}

  void add(const Patch& patch) {
    if (open_ && patch.offset >= offset_ && patch.offset <= offset_ + run_.size()) {
      const std::size_t at = patch.offset - offset_;
      run_.replace(at, std::min(patch.data.size(), run_.size() - at), patch.data);
      return;
    }
    finish();
    open_ = true;
    offset_ = patch.offset;
    run_.assign(patch.data);
  }
  void finish() {
    if (open_) append_patch(out_, offset_, run_);
    open_ = false;
  }

 private:
  std::string& out_;
  bool open_ = false;
  std::uint64_t offset_ = 0;
  std::string run_;
};

}  // namespace

void append_patch(std::string& operand, std::uint64_t offset, BytesView data) {
  put_varint(operand, offset);
  put_varint(operand, data.size());
  operand.append(data);
}

void add_patch(std::string& operand, std::uint64_t offset, BytesView data) {
  const auto [last, place] = last_of(operand);
  if (!last || !touches(*last, offset)) {
    append_patch(operand, offset, data);
    return;
  }
  // In its place: numbers first, as the size may take a byte more, then the data.
  const std::uint64_t begin = last->offset;
  const std::size_t size = std::max(last->end(), offset + data.size()) - begin;
  const std::size_t numbers = operand.size() - last->data.size() - place;
  std::string head;
  put_varint(head, begin);
  put_varint(head, size);
  operand.replace(place, numbers, head);
  operand.resize(place + head.size() + size);
  std::copy(data.begin(), data.end(),
            operand.begin() + static_cast<std::ptrdiff_t>(place + head.size() + (offset - begin)));
}

std::size_t size_with_patch(BytesView operand, std::uint64_t offset, std::size_t size) {
  const auto last = last_of(operand).patch;
  if (!last || !touches(*last, offset)) return operand.size() + kMostNumbers + size;
  return operand.size() + std::max(last->end(), offset + size) - last->end();
}

bool apply_patches(BytesView operand, std::string& object) {
  object.reserve(reach_of(operand));
  while (!operand.empty()) {
    const auto patch = take_patch(operand);
    if (!patch) return false;
    if (object.size() < patch->offset) object.resize(patch->offset, '\0');
    // Replaces what there is, and appends the rest.
    object.replace(patch->offset, patch->data.size(), patch->data);
  }
  return true;
}

bool PatchMerge::FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const {
  std::string& object = output->new_value;
  object.clear();
  std::uint64_t reach = 0;
  for (const rocksdb::Slice& operand : input.operand_list) {
    reach = std::max(reach, reach_of(view(operand)));
  }
  object.reserve(reach);
  if (input.existing_value != nullptr) {
    object.assign(input.existing_value->data(), input.existing_value->size());
  }
  for (const rocksdb::Slice& operand : input.operand_list) {
    if (!apply_patches(view(operand), object)) return false;
  }
  return true;
}

bool PatchMerge::PartialMergeMulti(const rocksdb::Slice&,
                                   const std::deque<rocksdb::Slice>& operands, std::string* merged,
                                   rocksdb::Logger*) const {
  merged->clear();
  Coalescer coalescer(*merged);
  for (const rocksdb::Slice& operand : operands) {
    for (BytesView left = view(operand); !left.empty();) {
      const auto patch = take_patch(left);
      if (!patch) return false;
      coalescer.add(*patch);
    }
  }
  coalescer.finish();
  return true;
}

}  // namespace gnocchi::rocks
