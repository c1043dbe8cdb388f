#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "posix.h"

namespace gnocchi::file {

/// Tells threads that the incoming log has grown, in whatever process, by inotify on its directory.
/// One of the waiting threads listens for all. Where inotify cannot be had, a wait ends often
/// enough to look for oneself. Any thread.
class ArrivalListener {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// `path`: of the log's directory.
  explicit ArrivalListener(std::string path) : path_(std::move(path)) {}

  /// Hears all that comes from here on; to be called before anything else. Only a process that
  /// waits does, since the kernel keeps what nobody takes.
  void listen_from_now();
  /// Changes with every sign of news and every wake(). Taken before looking for news oneself, it
  /// makes wait() miss nothing.
  std::uint64_t state();
  /// Counts the calls of wake().
  std::uint64_t wakes();
  /// Blocks until state() is another than `seen`, or the time is up.
  void wait(std::uint64_t seen, Deadline until);
  void wake() noexcept;

 private:
  bool listen(Deadline until) const;
  bool drain() const;

  const std::string path_;
  Descriptor inotify_;
  Descriptor wake_event_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t state_ = 0;
  std::uint64_t wakes_ = 0;
  bool listening_ = false;  ///< some thread is in listen()
};

}  // namespace gnocchi::file
