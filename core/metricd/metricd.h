#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/metricd/sack_queue.h"
#include "core/metricd/settings.h"
#include "core/pipeline/processor.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::metricd {

/// The background work: processing workers, the ear for news, membership, janitor, reporting.
/// Owns its threads; the drivers are lent and must be started. One start, one stop.
class Metricd {
 public:
  Metricd(Settings settings, StorageDriver& storage, IncomingDriver& incoming,
          IndexerDriver& indexer, CoordinatorDriver& coordinator, plugin::Log& log);
  ~Metricd();

  void start();
  /// Returns when the passes in hand are finished.
  void stop();

  /// For profiling and tests: passes over all sacks on the calling thread, until `metrics` were
  /// processed or nothing is left. Returns the metrics processed.
  std::uint64_t process_until(std::uint64_t metrics);

 private:
  void work();    ///< a worker's life
  void listen();  ///< news and periodic looks at all sacks
  void keep_membership();
  void report();
  void run_every(std::chrono::nanoseconds delay, const char* job, const std::function<void()>& f);
  void process(SackNumber sack);
  void update_membership();
  std::vector<SackNumber> owned() const;
  std::string statistics() const;

  Settings settings_;
  StorageDriver& storage_;
  IncomingDriver& incoming_;
  IndexerDriver& indexer_;
  CoordinatorDriver& coordinator_;
  plugin::Log& log_;
  pipeline::Processor processor_;

  SackQueue queue_;
  mutable std::mutex mutex_;
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  std::vector<SackNumber> owned_;
  std::vector<std::thread> threads_;

  std::atomic<std::uint64_t> passes_{0};
  std::atomic<std::uint64_t> metrics_{0};
  std::atomic<std::uint64_t> measures_{0};
  std::atomic<std::uint64_t> failures_{0};
};

}  // namespace gnocchi::metricd
