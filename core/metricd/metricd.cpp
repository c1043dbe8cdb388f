#include "core/metricd/metricd.h"

#include <algorithm>

#include "core/metricd/janitor.h"
#include "core/metricd/ring.h"
#include "gnocchi/error.h"

namespace gnocchi::metricd {
namespace {

using Clock = SackQueue::Clock;

constexpr char kGroup[] = "gnocchi-processing";
constexpr std::chrono::seconds kBeat{1};
/// A sack that somebody else has is asked for again after this: its holder may have read it before
/// the news that we heard of.
constexpr std::chrono::milliseconds kLockedRetry{100};
/// A sack whose pass failed rests this long, so that a broken backend is not hammered.
constexpr std::chrono::seconds kFailureRest{1};

}  // namespace

Metricd::Metricd(Settings settings, StorageDriver& storage, IncomingDriver& incoming,
                 IndexerDriver& indexer, CoordinatorDriver& coordinator, plugin::Log& log)
    : settings_(std::move(settings)),
      storage_(storage),
      incoming_(incoming),
      indexer_(indexer),
      coordinator_(coordinator),
      log_(log),
      processor_(storage, incoming, indexer, coordinator, log, settings_.touch_metrics) {}

Metricd::~Metricd() { stop(); }

void Metricd::start() {
  threads_.emplace_back([this] { keep_membership(); });
  threads_.emplace_back([this] { listen(); });
  for (std::size_t i = 0; i < settings_.workers; ++i) {
    threads_.emplace_back([this] { work(); });
  }
  if (settings_.reporting_delay >= std::chrono::nanoseconds::zero()) {
    threads_.emplace_back(
        [this] { run_every(settings_.reporting_delay, "reporting", [this] { report(); }); });
  }
  threads_.emplace_back([this] {
    run_every(settings_.cleanup_delay, "janitor", [this] {
      while (expunge_metrics(storage_, incoming_, indexer_, coordinator_, processor_, log_,
                             settings_.cleanup_batch_size) >= settings_.cleanup_batch_size) {
      }
    });
  });
  log_.info("processing started workers=" + std::to_string(settings_.workers));
}

void Metricd::stop() {
  {
    const std::scoped_lock guard(mutex_);
    if (stopping_) return;
    stopping_ = true;
    stop_changed_.notify_all();
  }
  queue_.close();
  incoming_.wake();
  for (std::thread& thread : threads_) thread.join();
  if (!threads_.empty()) {
    try {
      coordinator_.leave(kGroup, settings_.member_id);
    } catch (const std::exception& error) {
      log_.warning(std::string("leaving the group failed reason=\"") + error.what() + "\"");
    }
    log_.info("processing stopped");
  }
}

std::uint64_t Metricd::process_until(std::uint64_t metrics) {
  std::uint64_t processed = 0;
  const std::uint32_t count = incoming_.sack_count();
  for (std::uint32_t i = 0; i < count && processed < metrics; ++i) {
    pipeline::PassReport report;
    do {
      report = processor_.process_sack(SackNumber{i}, std::chrono::seconds(10));
      processed += report.metrics;
    } while (report.more && processed < metrics);
  }
  return processed;
}

void Metricd::work() {
  while (const auto sack = queue_.take()) process(*sack);
}

void Metricd::process(SackNumber sack) {
  try {
    const auto report = processor_.process_sack(sack, std::chrono::milliseconds(0));
    passes_ += 1;
    metrics_ += report.metrics;
    measures_ += report.measures;
    if (report.locked) {
      queue_.done(sack, Clock::now() + kLockedRetry);
    } else if (report.more) {
      queue_.done(sack, Clock::now());
    } else {
      queue_.done(sack);
    }
  } catch (const std::exception& error) {
    failures_ += 1;
    log_.error("processing failed sack=" + std::to_string(sack.value) + " reason=\"" +
               error.what() + "\"");
    queue_.done(sack, Clock::now() + kFailureRest);
  }
}

void Metricd::listen() {
  auto next_look = Clock::now();
  while (true) {
    {
      const std::scoped_lock guard(mutex_);
      if (stopping_) return;
    }
    try {
      const auto sacks = owned();
      if (Clock::now() >= next_look) {
        for (const SackNumber sack : incoming_.with_pending(sacks)) queue_.request(sack);
        next_look =
            Clock::now() + std::chrono::duration_cast<Clock::duration>(settings_.processing_delay);
      }
      const auto news = incoming_.wait(sacks, next_look);
      if (!settings_.greedy) continue;
      for (const SackNumber sack : news) queue_.request(sack);
    } catch (const std::exception& error) {
      log_.error(std::string("looking for new measures failed reason=\"") + error.what() + "\"");
      std::unique_lock guard(mutex_);
      stop_changed_.wait_for(guard, kFailureRest, [this] { return stopping_; });
    }
  }
}

void Metricd::keep_membership() {
  run_every(kBeat, "membership", [this] {
    coordinator_.beat();
    update_membership();
  });
}

void Metricd::update_membership() {
  const std::uint32_t sack_count = incoming_.sack_count();
  std::vector<std::string> members;
  try {
    coordinator_.join(kGroup, {settings_.member_id, statistics()});
    for (const Member& member : coordinator_.members(kGroup)) members.push_back(member.id);
  } catch (const Error& error) {
    // Alone and in doubt: look after everything; the sacks' locks keep passes apart.
    log_.warning(std::string("membership unknown reason=\"") + error.what() + "\"");
    members.clear();
  }
  auto sacks = owned_sacks(members, settings_.member_id, sack_count, settings_.processing_replicas);
  const std::scoped_lock guard(mutex_);
  if (sacks == owned_) return;
  owned_ = std::move(sacks);
  for (const SackNumber sack : owned_) queue_.request(sack);
  incoming_.wake();
  log_.info("sacks assigned members=" + std::to_string(members.size()) +
            " sacks=" + std::to_string(owned_.size()));
}

void Metricd::report() {
  const IncomingReport backlog = incoming_.report(false);
  log_.info(std::to_string(backlog.bundles) + " measurements bundles across " +
            std::to_string(backlog.metrics) + " metrics wait to be processed.");
}

void Metricd::run_every(std::chrono::nanoseconds delay, const char* job,
                        const std::function<void()>& f) {
  std::unique_lock guard(mutex_);
  while (!stopping_) {
    guard.unlock();
    try {
      f();
    } catch (const std::exception& error) {
      log_.error(std::string(job) + " failed reason=\"" + error.what() + "\"");
    }
    guard.lock();
    stop_changed_.wait_for(guard, delay, [this] { return stopping_; });
  }
}

std::vector<SackNumber> Metricd::owned() const {
  const std::scoped_lock guard(mutex_);
  return owned_;
}

std::string Metricd::statistics() const {
  return "{\"passes\":" + std::to_string(passes_) +
         ",\"processed metrics\":" + std::to_string(metrics_) +
         ",\"processed measures\":" + std::to_string(measures_) +
         ",\"failed passes\":" + std::to_string(failures_) + "}";
}

}  // namespace gnocchi::metricd
