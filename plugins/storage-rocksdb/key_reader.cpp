#include "key_reader.h"

#include <algorithm>
#include <array>

#include "status.h"

namespace gnocchi::rocks {
namespace {

/// What RocksDB looks up in one sweep; also bounds the memory of values not yet handed on.
constexpr std::size_t kSweep = 32;

}  // namespace

void KeyReader::read(std::string_view action,
                     const std::function<void(std::size_t, BytesView)>& found) {
  const auto before = [](const Wanted& a, const Wanted& b) { return a.key < b.key; };
  if (!std::is_sorted(wanted_.begin(), wanted_.end(), before)) {
    std::sort(wanted_.begin(), wanted_.end(), before);
  }
  std::array<rocksdb::Slice, kSweep> keys;
  std::array<rocksdb::PinnableSlice, kSweep> values;
  std::array<rocksdb::Status, kSweep> statuses;
  for (std::size_t first = 0; first < wanted_.size(); first += kSweep) {
    const std::size_t count = std::min(kSweep, wanted_.size() - first);
    for (std::size_t i = 0; i < count; ++i) keys[i] = slice(wanted_[first + i].key);
    database_.db().MultiGet({}, database_.family(family_), count, keys.data(), values.data(),
                            statuses.data(), true);
    for (std::size_t i = 0; i < count; ++i) {
      if (!statuses[i].IsNotFound()) {
        check(action, statuses[i]);
        found(wanted_[first + i].place, {values[i].data(), values[i].size()});
      }
      values[i].Reset();
    }
  }
}

}  // namespace gnocchi::rocks
