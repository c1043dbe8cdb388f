#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "database_options.h"
#include "gnocchi/types.h"
#include "info_log.h"

namespace gnocchi::rocks {

/// Column families: each role has its own memory, files and compaction. docs/formats/rocksdb.md.
enum class Family : std::size_t { settings, metrics, splits, names, measures };
inline constexpr std::size_t kFamilies = 5;

inline rocksdb::Slice slice(BytesView bytes) { return {bytes.data(), bytes.size()}; }
inline BytesView view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// One RocksDB database, opened. Any thread.
class Database {
 public:
  /// Whether there is one at the path. Throws Error{invalid_config, unavailable} if it cannot tell.
  static bool exists(const std::string& path);

  /// `create`: makes what is not there. Throws Error{invalid_config} if another process has it
  /// open, and goes on to have it, or if it is of a later format; Error{unavailable, corrupt_data}
  /// as the disk has it.
  /// `info_log`: where RocksDB says what happens to it; by default, nobody hears it.
  Database(const DatabaseOptions& options, bool create,
           const std::shared_ptr<InfoLog>& info_log = std::make_shared<InfoLog>());
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const DatabaseOptions& options() const noexcept { return options_; }
  rocksdb::DB& db() noexcept { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family family) noexcept {
    return families_[static_cast<std::size_t>(family)];
  }

  /// Applies the batch as a whole, durably as SyncMode says. Throws Error{unavailable} while the
  /// disk is full; RocksDB notices within seconds when there is room again.
  void write(rocksdb::WriteBatch& batch, std::string_view action);
  /// The same for what may be lost in a power cut, together with nothing that came before it.
  void write_unsynced(rocksdb::WriteBatch& batch, std::string_view action);

  /// A number that is larger than those of all writes before.
  std::uint64_t next_number() const { return db_->GetLatestSequenceNumber() + 1; }

  /// A copy in `directory`, which must not exist: files by hard links where the file system lets
  /// us, the log copied. Consistent, complete, while work goes on.
  void copy_to(const std::string& directory);

 private:
  void open(bool create, const std::shared_ptr<InfoLog>& info_log);
  void check_format(bool create);
  /// RocksDB keeps the logs of before until it has written memory to a table. Starts after which
  /// nothing was written would leave one each, and the next one would open them all.
  void give_up_old_logs();
  void write(const rocksdb::WriteOptions& how, rocksdb::WriteBatch& batch, std::string_view action);
  /// Brings to the disk what was written so far. Not DB::SyncWAL: after a failed write, that would
  /// touch the log's broken file, on which Debian's RocksDB, built with its assertions, aborts.
  rocksdb::Status sync();
  void sync_regularly(const std::stop_token& stop);

  const DatabaseOptions options_;
  const std::unique_ptr<rocksdb::Env> env_;  // before the database, which uses it
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> families_{};
  std::atomic<bool> sync_failed_ = false;
  std::jthread syncer_;  // last: it uses the others
};

}  // namespace gnocchi::rocks
