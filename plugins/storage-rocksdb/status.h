#pragma once

#include <rocksdb/status.h>

#include <string_view>

namespace gnocchi::rocks {

/// Throws the Error that a failed status of RocksDB amounts to: "ACTION: what RocksDB says", and
/// what to do. A full disk is `unavailable`, as is a disk that fails; a wrong checksum or a missing
/// file is `corrupt_data`.
[[noreturn]] void fail(std::string_view action, const rocksdb::Status& status);

/// fail(), unless the status is ok.
inline void check(std::string_view action, const rocksdb::Status& status) {
  if (!status.ok()) fail(action, status);
}

/// Whether the database has stopped writing because a disk was full.
bool is_out_of_space(const rocksdb::Status& status);

}  // namespace gnocchi::rocks
