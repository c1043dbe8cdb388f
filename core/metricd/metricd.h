#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "core/metricd/janitor.h"
#include "core/metricd/sack_queue.h"
#include "core/metricd/settings.h"
#include "core/pipeline/heartbeat.h"
#include "core/pipeline/processor.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::metricd {

/// Between two passes of a sack. Long beside a pass, so that a steady flow of measures costs few of
/// them. Readers see what waits all the same; without immediate_reads, they see it so much later.
inline constexpr std::chrono::milliseconds kSackRest{500};

/// The background work: processing workers, the ear for news, membership, janitor, reporting.
/// Owns its threads; the drivers are lent and must be started. One thread starts, restarts and
/// stops it.
class Metricd {
 public:
  Metricd(Settings settings, StorageDriver& storage, IncomingDriver& incoming,
          IndexerDriver& indexer, CoordinatorDriver& coordinator, plugin::Log& log);
  ~Metricd();

  void start();
  /// Returns when the passes in hand are finished.
  void stop();
  /// Stops and starts again with other settings, under the same member id.
  void restart(Settings settings);

  /// For profiling and tests: passes over all sacks on the calling thread, until `metrics` were
  /// processed or nothing is left. Returns the metrics processed.
  std::uint64_t process_until(std::uint64_t metrics);

  /// Passes, workers and sacks. Any thread.
  void describe(stats::Text& text) const;

 private:
  void work();    ///< one pass after the other
  void listen();  ///< news and periodic looks at all sacks
  void keep_membership();
  void report();
  void run_every(std::chrono::nanoseconds delay, const char* job, const std::function<void()>& f);
  void process(std::span<const SackNumber> sacks);
  void update_membership();
  std::vector<SackNumber> owned() const;
  std::size_t passes_in_hand() const;  ///< at most, of all workers
  std::string statistics() const;

  Settings settings_;
  StorageDriver& storage_;
  IncomingDriver& incoming_;
  CoordinatorDriver& coordinator_;
  plugin::Log& log_;
  pipeline::Processor processor_;
  Janitor janitor_;

  SackQueue queue_{kSackRest};
  mutable std::mutex mutex_;
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  std::vector<SackNumber> owned_;
  std::optional<pipeline::Heartbeat> heartbeat_;  ///< until the last pass in hand is finished
  std::vector<std::thread> threads_;
};

}  // namespace gnocchi::metricd
