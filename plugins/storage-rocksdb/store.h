#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "backup_service.h"
#include "database.h"
#include "gnocchi/error.h"
#include "gnocchi/plugin/context.h"
#include "info_log.h"
#include "known_names.h"
#include "measure_queue.h"
#include "metric_claims.h"

namespace gnocchi::rocks {

/// A database with what must be there once for all drivers of the process that use it.
struct Store {
  /// Names of some 100,000 metrics of six aggregation methods.
  static constexpr std::size_t kNamesBytes = std::size_t{24} << 20;

  /// Keeps nothing of the log: it may belong to a driver that goes first.
  Store(const DatabaseOptions& options, bool create, plugin::Log& log,
        const std::shared_ptr<InfoLog>& info)
      : info_log(info), database(options, create, info), queue(database), backups(database, log) {}

  std::shared_ptr<InfoLog> info_log;
  Database database;
  KnownNames names{kNamesBytes};
  MetricClaims claims;
  MeasureQueue queue;
  BackupService backups;
};

/// A driver's hold on the store of its path. RocksDB lets a process open a database once, so the
/// drivers of a process share it: the first opens it, the last one to let go closes it, in whatever
/// order they are started and stopped. The list of open stores is the one thing in this plugin that
/// belongs to the process; it is empty when no driver is between start() and stop().
class StoreUse {
 public:
  StoreUse(DatabaseOptions options, plugin::Log& log) : options_(std::move(options)), log_(log) {}
  ~StoreUse() { close(); }
  StoreUse(const StoreUse&) = delete;
  StoreUse& operator=(const StoreUse&) = delete;

  /// At start(): opens what is there already; without it, the first need does, or create().
  void open_if_there();
  /// At upgrade().
  void create() { open(true); }
  /// Throws Error{`code_if_missing`} if there is no database: run gnocchi-upgrade.
  Store& get(Error::Code code_if_missing);
  /// Null: not open.
  Store* if_open() const noexcept { return ready_.load(std::memory_order_acquire); }
  void close() noexcept;

 private:
  void open(bool create);

  const DatabaseOptions options_;
  plugin::Log& log_;
  std::mutex mutex_;  ///< guards the setting of store_
  std::shared_ptr<Store> store_;
  std::atomic<Store*> ready_ = nullptr;  ///< store_, without the mutex
};

}  // namespace gnocchi::rocks
