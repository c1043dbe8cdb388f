#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "gnocchi/types.h"

namespace gnocchi::metricd {

/// Sacks that want a pass, each at most once, the one due longest first. Any thread.
///
/// A sack in the hands of a worker that is asked for again meanwhile comes back when the worker
/// puts it down, so no news is lost and no two workers of a process share a sack.
class SackQueue {
 public:
  using Clock = std::chrono::steady_clock;

  /// With `rest`, a sack whose pass is over has no other one sooner than that, and little later:
  /// what comes first is processed at once, what follows together.
  explicit SackQueue(Clock::duration rest = {}) : rest_(rest) {}

  /// Asks for a pass at `due` or soon after; an earlier request of the same sack wins.
  void request(SackNumber sack, Clock::time_point due = Clock::now()) { request({&sack, 1}, due); }
  void request(std::span<const SackNumber> sacks, Clock::time_point due = Clock::now());

  /// The sacks that are due, those longest due first, waiting for one: a worker's share of them
  /// among `workers`, and at most `most`. Empty once closed.
  std::vector<SackNumber> take(std::size_t most = 1, std::size_t workers = 1);
  /// Ends what take() began; with `again`, the sack wants another pass then.
  void done(SackNumber sack, std::optional<Clock::time_point> again = std::nullopt);

  /// Lets every take() return; sacks still queued are left.
  void close();
  /// Empties the queue and lets take() wait again. While no thread is in take().
  void open();

  /// Sacks that wait for a worker, or will.
  std::size_t size() const;

 private:
  struct Entry {
    std::optional<Clock::time_point> due;
    Clock::time_point rests_until{};
    bool taken = false;
  };
  std::vector<SackNumber> find_due(Clock::time_point now, Clock::time_point& next) const;

  std::size_t count_waiting() const;
  Clock::time_point end_of_rest() const;
  bool is_sooner(const Entry& entry) const { return entry.due && *entry.due < next_look_; }

  const Clock::duration rest_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<SackNumber, Entry> entries_;
  /// When one of the workers who wait, if any do, looks what is due.
  Clock::time_point next_look_ = Clock::time_point::max();
  bool closed_ = false;
};

}  // namespace gnocchi::metricd
