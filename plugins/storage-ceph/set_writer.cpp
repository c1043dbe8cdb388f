#include "set_writer.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace gnocchi::ceph {
namespace {

/// How often the rounds are gone through for a metric that others write meanwhile.
constexpr int kMostTries = 10;

/// docs/formats/series.md: what a padded split begins with.
bool is_padded(char first) { return first == 0 || first == 1; }

/// That the object is at this version; 0: that there is none.
void require(const WriteOp& op, std::uint64_t version) {
  if (version != 0) {
    rados_write_op_assert_version(op.get(), version);
  } else {
    rados_write_op_create(op.get(), LIBRADOS_CREATE_EXCLUSIVE, nullptr);
  }
}

/// What require() fails with: there is an object; its version is higher, is lower; there is none.
bool is_not_as_required(int result) {
  return result == -EEXIST || result == -ERANGE || result == -EOVERFLOW || result == -ENOENT;
}

/// Keys of the raw object's omap as librados takes them. The strings outlive it.
class Names {
 public:
  void add(const std::string& name) {
    pointers_.push_back(name.data());
    sizes_.push_back(name.size());
  }

  void set(const WriteOp& op) const {
    if (pointers_.empty()) return;
    const std::vector<const char*> values(pointers_.size(), "");
    const std::vector<std::size_t> no_sizes(pointers_.size(), 0);
    rados_write_op_omap_set2(op.get(), pointers_.data(), values.data(), sizes_.data(),
                             no_sizes.data(), pointers_.size());
  }
  void remove(const WriteOp& op) const {
    if (pointers_.empty()) return;
    rados_write_op_omap_rm_keys2(op.get(), pointers_.data(), sizes_.data(), pointers_.size());
  }

 private:
  std::vector<const char*> pointers_;
  std::vector<std::size_t> sizes_;
};

}  // namespace

bool SetWriter::Item::replaces() const {
  return std::any_of(changes.begin(), changes.end(),
                     [](const Change& change) { return !change.is_patch(); });
}

bool SetWriter::Item::patched() const {
  return std::all_of(changes.begin(), changes.end(), [](const Change& change) {
    return change.written || (!change.is_patch() && change.version);
  });
}

bool SetWriter::Item::written() const {
  return std::all_of(changes.begin(), changes.end(),
                     [](const Change& change) { return change.written; });
}

SetWriter::SetWriter(const Cluster& cluster, OperationCounts& counts, SplitVersions& versions,
                     const WriteSet& set)
    : cluster_(cluster), versions_(versions), flight_(cluster, counts) {
  items_.reserve(set.metrics.size());
  for (const MetricWrites& writes : set.metrics) items_.push_back(item_of(writes));
}

SetWriter::Item SetWriter::item_of(const MetricWrites& writes) {
  Item item;
  item.writes = &writes;
  item.raw_name = object_name({writes.metric, std::nullopt});
  item.version = writes.expected_version;
  auto known = versions_.take(writes.metric, writes.expected_version);
  const bool all_known = known || writes.expected_version == 0;
  if (known) item.known = std::move(*known);
  item.changes.reserve(writes.removals.size() + writes.splits.size());
  for (const SplitKey& key : writes.removals) {
    item.changes.push_back({nullptr, object_name({writes.metric, key}), std::nullopt});
  }
  for (const SplitWrite& split : writes.splits) {
    item.changes.push_back({&split, object_name({writes.metric, split.key}), std::nullopt});
  }
  for (Change& change : item.changes) {
    change.version = item.known.version_of(change.name);
    change.listed = change.version.has_value();  // by the commit that wrote this raw series
    const bool new_one = change.is_patch() || writes.expected_version == 0;
    if (!change.version && change.write != nullptr && all_known && new_one) change.version = 0;
  }
  return item;
}

WriteReport SetWriter::write() {
  while (advance()) {
  }
  return report();
}

bool SetWriter::advance() {
  for (Item& item : items_) {
    if (!item.verdict) take_part(item);
  }
  flight_.land();
  round_ = round_ == Round::commit ? Round::look : Round{static_cast<int>(round_) + 1};
  return std::any_of(items_.begin(), items_.end(),
                     [](const Item& item) { return !item.verdict.has_value(); });
}

WriteReport SetWriter::report() const {
  WriteReport report;
  report.verdicts.reserve(items_.size());
  report.versions.reserve(items_.size());
  for (const Item& item : items_) {
    report.verdicts.push_back(item.verdict.value_or(WriteVerdict::stale));
    const bool has_raw = item.writes->raw || item.writes->expected_version != 0;
    report.versions.push_back(has_raw ? item.version : 0);
  }
  return report;
}

void SetWriter::take_part(Item& item) {
  switch (round_) {
    case Round::look: return look(item);
    case Round::claim: return item.found ? claim(item) : check(item);
    case Round::patch: return patch(item);
    case Round::replace: return replace(item);
    case Round::commit: return commit(item);
  }
}

void SetWriter::look(Item& item) {
  if (++item.tries > kMostTries) {
    item.verdict = WriteVerdict::stale;
    return;
  }
  for (Change& change : item.changes) {
    if (!change.written && !change.version) look_at(item, change);
  }
}

void SetWriter::look_at(Item& item, Change& change) {
  struct First {
    char byte = 0;  // an empty object is one of zeros
    std::size_t size = 0;
    int result = 0;
  };
  auto first = std::make_shared<First>();
  const ReadOp op = read_op();
  rados_read_op_read(op.get(), 0, 1, &first->byte, &first->size, &first->result);
  flight_.read(Operation::check, change.name, op,
               [this, &item, &change, first](int result, std::uint64_t version) {
                 if (result == -ENOENT) {
                   change.version = 0;
                   change.written = change.write == nullptr;
                   return;
                 }
                 if (result < 0) throw cluster_.error("look at " + change.name, result);
                 change.version = version;
                 item.found = true;
                 if (change.is_patch() && !is_padded(first->byte))
                   item.verdict = WriteVerdict::not_padded;
               });
}

void SetWriter::claim(Item& item) {
  const WriteOp op = write_op();
  require(op, item.version);
  if (item.version == 0) rados_write_op_setxattr(op.get(), kNoRawAttribute, "", 0);
  Names found;
  for (const Change& change : item.changes) {
    if (change.is_there()) found.add(change.name);
  }
  found.set(op);
  flight_.write(Operation::write, item.raw_name, op,
                [this, &item](int result, std::uint64_t version) {
                  if (result < 0) return raw_differs(item, result);
                  item.version = version;
                  item.found = false;
                  item.seen = true;
                  for (Change& change : item.changes) change.listed |= change.is_there();
                });
}

void SetWriter::check(Item& item) {
  if (item.seen || !item.replaces()) return;
  if (item.version == 0) {
    look_at_raw(flight_, cluster_, item.raw_name, [&item](const RawState& state) {
      if (state.series) item.verdict = WriteVerdict::stale;
      if (state.object) item.version = state.version;
      item.seen = true;
    });
    return;
  }
  const ReadOp op = read_op();
  rados_read_op_assert_version(op.get(), item.version);
  flight_.read(Operation::check, item.raw_name, op, [this, &item](int result, std::uint64_t) {
    if (result < 0) return raw_differs(item, result);
    item.seen = true;
  });
}

void SetWriter::patch(Item& item) {
  for (Change& change : item.changes) {
    if (change.is_patch() && !change.written && change.version) send(change);
  }
}

void SetWriter::replace(Item& item) {
  if (!item.patched()) return;
  for (Change& change : item.changes) {
    if (!change.written) send(change);
  }
}

void SetWriter::send(Change& change) {
  const WriteOp op = write_op();
  require(op, *change.version);
  if (change.write == nullptr) {
    rados_write_op_remove(op.get());
  } else if (change.is_patch()) {
    const Bytes& data = change.write->data;
    rados_write_op_write(op.get(), data.data(), data.size(), *change.write->offset);
  } else {
    rados_write_op_write_full(op.get(), change.write->data.data(), change.write->data.size());
  }
  const Operation kind = change.write == nullptr ? Operation::remove : Operation::write;
  flight_.write(kind, change.name, op, [this, &change](int result, std::uint64_t version) {
    if (is_not_as_required(result)) {
      change.version.reset();
    } else if (result < 0) {
      throw cluster_.error("write " + change.name, result);
    } else {
      change.version = version;
      change.written = true;
    }
  });
}

void SetWriter::commit(Item& item) {
  if (!item.written()) return;
  const MetricWrites& writes = *item.writes;
  const bool only_removals = !writes.raw && writes.splits.empty();
  // Of a metric without an object nothing is listed that could be taken off the list.
  if (only_removals && (writes.removals.empty() || item.version == 0)) return finish(item);

  const WriteOp op = write_op();
  require(op, item.version);
  if (writes.raw) {
    rados_write_op_write_full(op.get(), writes.raw->data(), writes.raw->size());
    if (writes.raw->empty() && item.version != 0) {
      rados_write_op_rmxattr(op.get(), kNoRawAttribute);
    }
  } else if (item.version == 0) {
    rados_write_op_setxattr(op.get(), kNoRawAttribute, "", 0);
  }
  Names listed;
  Names unlisted;
  for (const Change& change : item.changes) {
    if (change.write == nullptr) {
      unlisted.add(change.name);
    } else if (!change.listed) {
      listed.add(change.name);
    }
  }
  listed.set(op);
  unlisted.remove(op);
  flight_.write(Operation::write, item.raw_name, op,
                [this, &item](int result, std::uint64_t version) {
                  if (result < 0) return raw_differs(item, result);
                  item.version = version;
                  finish(item);
                });
}

void SetWriter::finish(Item& item) {
  item.verdict = WriteVerdict::done;
  const bool has_raw = item.writes->raw || item.writes->expected_version != 0;
  if (!has_raw) return;
  KnownSplits& known = item.known;
  for (const Change& change : item.changes) {
    const bool padded =
        change.is_patch() || (change.write != nullptr && !change.write->data.empty() &&
                              is_padded(change.write->data.front()));
    if (padded) {
      known.set(change.name, *change.version);
    } else {
      known.remove(change.name);
    }
  }
  known.raw_version = item.version;
  if (!known.splits.empty()) versions_.put(item.writes->metric, std::move(known));
}

/// Where the raw object is another one than expected, the metric's pass began too early. Not so
/// where no raw series was expected and there is none: then others have but listed splits, or
/// claimed the object, and all of it begins anew from what they have left.
void SetWriter::raw_differs(Item& item, int result) {
  if (!is_not_as_required(result)) throw cluster_.error("write " + item.raw_name, result);
  if (item.writes->expected_version != 0) {
    item.verdict = WriteVerdict::stale;
    return;
  }
  look_at_raw(flight_, cluster_, item.raw_name, [&item](const RawState& state) {
    if (state.series) {
      item.verdict = WriteVerdict::stale;
      return;
    }
    item.version = state.object ? state.version : 0;
    item.found = false;
    item.seen = false;
    for (Change& change : item.changes) {
      change.version.reset();
      change.listed = false;
      change.written = false;
    }
  });
}

}  // namespace gnocchi::ceph
