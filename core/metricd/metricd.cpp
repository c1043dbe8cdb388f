#include "core/metricd/metricd.h"

#include <algorithm>

#include "core/metricd/members.h"
#include "core/metricd/ring.h"
#include "gnocchi/error.h"

namespace gnocchi::metricd {
namespace {

using Clock = SackQueue::Clock;

/// Between two looks at who is there: a join or a death moves sacks within about as long.
constexpr std::chrono::seconds kMembersDelay{1};
/// A sack that somebody else has is asked for again after this: its holder may have read it before
/// the news that we heard of.
constexpr std::chrono::milliseconds kLockedRetry{100};
/// Enough that a backlog's passes share their syncs and queries, few enough that a pass stays
/// short.
constexpr std::size_t kSacksPerPass = 16;
/// A sack whose pass failed rests this long, so that a broken backend is not hammered.
constexpr std::chrono::seconds kFailureRest{1};

}  // namespace

Metricd::Metricd(Settings settings, StorageDriver& storage, IncomingDriver& incoming,
                 IndexerDriver& indexer, CoordinatorDriver& coordinator, plugin::Log& log)
    : settings_(std::move(settings)),
      storage_(storage),
      incoming_(incoming),
      coordinator_(coordinator),
      log_(log),
      processor_(storage, incoming, indexer, coordinator, log, settings_.inactive_after),
      janitor_(settings_, storage, incoming, indexer, coordinator, processor_, log) {
  processor_.remember_raw(settings_.raw_cache_bytes);
}

Metricd::~Metricd() { stop(); }

void Metricd::start() {
  heartbeat_.emplace(coordinator_, log_);
  threads_.emplace_back([this] { keep_membership(); });
  threads_.emplace_back([this] { listen(); });
  for (std::size_t i = 0; i < passes_in_hand(); ++i) {
    threads_.emplace_back([this] { work(); });
  }
  if (settings_.reporting_delay >= std::chrono::nanoseconds::zero()) {
    threads_.emplace_back(
        [this] { run_every(settings_.reporting_delay, "reporting", [this] { report(); }); });
  }
  threads_.emplace_back(
      [this] { run_every(settings_.cleanup_delay, "janitor", [this] { janitor_.run(); }); });
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
      coordinator_.leave(kMembers, settings_.member_id);
    } catch (const std::exception& error) {
      log_.warning(std::string("leaving the group failed reason=\"") + error.what() + "\"");
    }
    log_.info("processing stopped");
  }
  heartbeat_.reset();
}

void Metricd::restart(Settings settings) {
  log_.info("waiting for the passes in hand");
  stop();
  threads_.clear();
  {
    const std::scoped_lock guard(mutex_);
    settings.member_id = settings_.member_id;
    settings_ = std::move(settings);
    owned_.clear();
    stopping_ = false;
  }
  processor_.track_activity(settings_.inactive_after);
  processor_.remember_raw(settings_.raw_cache_bytes);
  queue_.open();
  start();
}

std::uint64_t Metricd::process_until(std::uint64_t metrics) {
  const pipeline::Heartbeat heartbeat(coordinator_, log_);
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
  while (true) {
    const auto sacks = queue_.take(kSacksPerPass, passes_in_hand());
    if (sacks.empty()) return;
    process(sacks);
  }
}

void Metricd::process(std::span<const SackNumber> sacks) {
  try {
    const auto reports = processor_.process_sacks(sacks, std::chrono::milliseconds(0));
    for (std::size_t i = 0; i < sacks.size(); ++i) {
      if (reports[i].locked) {
        queue_.done(sacks[i], Clock::now() + kLockedRetry);
      } else if (reports[i].more) {
        queue_.done(sacks[i], Clock::now());
      } else {
        queue_.done(sacks[i]);
      }
    }
  } catch (const std::exception& error) {
    std::string names;
    for (const SackNumber sack : sacks) {
      names += (names.empty() ? "" : ",") + std::to_string(sack.value);
      queue_.done(sack, Clock::now() + kFailureRest);
    }
    log_.error("processing failed sacks=" + names + " reason=\"" + error.what() + "\"");
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
        queue_.request(incoming_.with_pending(sacks));
        next_look =
            Clock::now() + std::chrono::duration_cast<Clock::duration>(settings_.processing_delay);
      }
      const auto news = incoming_.wait(sacks, next_look);
      if (!settings_.greedy) continue;
      queue_.request(news);
    } catch (const std::exception& error) {
      log_.error(std::string("looking for new measures failed reason=\"") + error.what() + "\"");
      std::unique_lock guard(mutex_);
      stop_changed_.wait_for(guard, kFailureRest, [this] { return stopping_; });
    }
  }
}

void Metricd::keep_membership() {
  run_every(kMembersDelay, "membership", [this] { update_membership(); });
}

void Metricd::update_membership() {
  const std::uint32_t sack_count = incoming_.sack_count();
  std::vector<std::string> members;
  try {
    coordinator_.join(kMembers, {settings_.member_id, statistics()});
    for (const Member& member : coordinator_.members(kMembers)) members.push_back(member.id);
  } catch (const Error& error) {
    // Alone and in doubt: look after everything; the sacks' locks keep passes apart.
    log_.warning(std::string("membership unknown reason=\"") + error.what() + "\"");
    members.clear();
  }
  auto sacks = owned_sacks(members, settings_.member_id, sack_count, settings_.processing_replicas);
  const std::scoped_lock guard(mutex_);
  if (sacks == owned_) return;
  owned_ = std::move(sacks);
  queue_.request(owned_);
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

std::size_t Metricd::passes_in_hand() const {
  return settings_.workers * std::max(1U, storage_.traits().passes_per_worker);
}

std::vector<SackNumber> Metricd::owned() const {
  const std::scoped_lock guard(mutex_);
  return owned_;
}

void Metricd::describe(stats::Text& text) const {
  processor_.describe("metricd", text);
  std::size_t workers = 0;
  {
    const std::scoped_lock guard(mutex_);
    workers = settings_.workers;
  }
  text.gauge("gnocchi_metricd_workers", "Workers that make passes.")
      .add({}, std::uint64_t{workers});
  text.gauge("gnocchi_metricd_sacks", "Sacks that this process looks after.")
      .add({}, std::uint64_t{owned().size()});
  text.gauge("gnocchi_metricd_sacks_queued", "Sacks that want a pass.")
      .add({}, std::uint64_t{queue_.size()});
}

std::string Metricd::statistics() const {
  const pipeline::PassStats& stats = processor_.stats();
  const double pass_time = std::chrono::duration<double>(stats.seconds.sum()).count();
  return "{\"passes\": " + std::to_string(stats.seconds.count()) +
         ", \"pass time\": " + std::to_string(pass_time) +
         ", \"processed metrics\": " + std::to_string(stats.metrics.value()) +
         ", \"processed measures\": " + std::to_string(stats.measures.value()) +
         ", \"dropped metrics\": " + std::to_string(stats.dropped.value()) +
         ", \"failed passes\": " + std::to_string(stats.failed.value()) + "}";
}

}  // namespace gnocchi::metricd
