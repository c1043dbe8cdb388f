#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
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

  /// Asks for a pass at `due` or soon after; an earlier request of the same sack wins.
  void request(SackNumber sack, Clock::time_point due = Clock::now());

  /// The next sack that is due, waiting for one; nullopt once closed.
  std::optional<SackNumber> take();
  /// Ends what take() began; with `again`, the sack wants another pass then.
  void done(SackNumber sack, std::optional<Clock::time_point> again = std::nullopt);

  /// Lets every take() return; sacks still queued are left.
  void close();

 private:
  struct Entry {
    std::optional<Clock::time_point> due;
    bool taken = false;
  };
  std::optional<SackNumber> find_due(Clock::time_point now, Clock::time_point& next) const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<SackNumber, Entry> entries_;
  bool closed_ = false;
};

}  // namespace gnocchi::metricd
