#include "object_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "gnocchi/error.h"
#include "key_reader.h"
#include "metric_record.h"
#include "patch_merge.h"
#include "split_keys.h"
#include "status.h"

namespace gnocchi::rocks {
namespace {

/// Splits that RocksDB looks up in one sweep; also bounds the memory of values not yet handed on.
constexpr std::size_t kObjectsPerSweep = 32;

/// A split that is asked for.
struct Wanted {
  std::string key;
  std::size_t place = 0;

  BytesView metric() const { return BytesView(key).substr(0, kMetricKeyBytes); }
};

/// Looks up splits and the records of their metrics, all at one moment.
class Sweep {
 public:
  explicit Sweep(Database& database) : database_(database) {}

  /// At most kObjectsPerSweep of them, in the order of their keys.
  void read(std::span<const Wanted> wanted) {
    count_ = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const bool is_new = i == 0 || wanted[i].metric() != wanted[i - 1].metric();
      if (is_new) add(Family::metrics, wanted[i].metric());
      records_[i] = count_ - 1;
    }
    first_split_ = count_;
    for (const Wanted& one : wanted) add(Family::splits, one.key);
    database_.db().MultiGet({}, count_, families_.data(), keys_.data(), values_.data(),
                            statuses_.data(), true);
    for (std::size_t i = 0; i < count_; ++i) {
      if (!statuses_[i].IsNotFound()) check("read splits", statuses_[i]);
    }
  }
  /// Lets go of what was read.
  void reset() {
    for (std::size_t i = 0; i < count_; ++i) values_[i].Reset();
  }

  /// Of the i-th of them: its metric's record; nullopt: absent.
  std::optional<BytesView> record(std::size_t i) const {
    const std::size_t at = records_[i];
    if (statuses_[at].IsNotFound()) return std::nullopt;
    return view(values_[at]);
  }
  /// The i-th itself, which is not here any more; nullopt: absent.
  std::optional<Bytes> take_split(std::size_t i) {
    const std::size_t at = first_split_ + i;
    if (statuses_[at].IsNotFound()) return std::nullopt;
    // What comes from a table lies in the cache of blocks; the rest was made for us.
    if (values_[at].IsPinned()) return Bytes(view(values_[at]));
    return std::move(*values_[at].GetSelf());
  }

 private:
  void add(Family family, BytesView key) {
    families_[count_] = database_.family(family);
    keys_[count_] = slice(key);
    ++count_;
  }

  Database& database_;
  std::size_t count_ = 0;
  std::size_t first_split_ = 0;
  std::array<std::size_t, kObjectsPerSweep> records_{};
  std::array<rocksdb::ColumnFamilyHandle*, 2 * kObjectsPerSweep> families_{};
  std::array<rocksdb::Slice, 2 * kObjectsPerSweep> keys_;
  std::array<rocksdb::PinnableSlice, 2 * kObjectsPerSweep> values_;
  std::array<rocksdb::Status, 2 * kObjectsPerSweep> statuses_;
};

std::optional<StoredObject> raw_in(const MetricId& metric, BytesView bytes) {
  const MetricRecord record = MetricRecord::decode_raw(metric, bytes);
  if (!record.has_raw) return std::nullopt;
  return StoredObject{Bytes(record.raw), record.version};
}

/// `stored` with the patches of it that the record has.
std::optional<StoredObject> split_of(const ObjectRef& ref, std::optional<BytesView> record,
                                     std::optional<Bytes> stored) {
  BytesView patches;
  if (record) patches = MetricRecord::find_patches(ref.metric, *record, *ref.split);
  if (!stored && patches.empty()) return std::nullopt;
  StoredObject object{std::move(stored).value_or(Bytes()), 0};
  if (!apply_patches(patches, object.data)) {
    throw Error(Error::Code::corrupt_data, "read " + object_name(ref) + ": a patch is damaged");
  }
  return object;
}

void read_raw(Database& database, std::span<const ObjectRef> refs,
              std::vector<std::optional<StoredObject>>& objects) {
  KeyReader records(database, Family::metrics);
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (!refs[i].split) records.add(metric_key(refs[i].metric), i);
  }
  records.read("read raw series",
               [&](std::size_t i, BytesView bytes) { objects[i] = raw_in(refs[i].metric, bytes); });
}

void read_splits(Database& database, std::span<const ObjectRef> refs,
                 std::vector<std::optional<StoredObject>>& objects) {
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (refs[i].split) wanted.push_back({split_key(refs[i].metric, *refs[i].split), i});
  }
  if (wanted.empty()) return;
  std::sort(wanted.begin(), wanted.end(),
            [](const Wanted& a, const Wanted& b) { return a.key < b.key; });
  Sweep sweep(database);
  for (std::span<const Wanted> left = wanted; !left.empty();) {
    const auto some = left.first(std::min(kObjectsPerSweep, left.size()));
    left = left.subspan(some.size());
    sweep.read(some);
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::size_t place = some[i].place;
      objects[place] = split_of(refs[place], sweep.record(i), sweep.take_split(i));
    }
    sweep.reset();
  }
}

}  // namespace

std::vector<std::optional<StoredObject>> read_objects(Database& database,
                                                      std::span<const ObjectRef> refs) {
  std::vector<std::optional<StoredObject>> objects(refs.size());
  read_raw(database, refs, objects);
  read_splits(database, refs, objects);
  return objects;
}

}  // namespace gnocchi::rocks
