#pragma once

#include <signal.h>

#include <chrono>
#include <functional>
#include <thread>

namespace gnocchi::service {

/// Holds SIGTERM, SIGINT and SIGHUP back from this thread and those it starts, and ignores SIGPIPE,
/// until destroyed. Made before the first thread.
class BlockedSignals {
 public:
  BlockedSignals();
  ~BlockedSignals();
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

  const sigset_t& set() const noexcept { return blocked_; }

 private:
  sigset_t blocked_;
  sigset_t before_;
};

struct SignalHandlers {
  std::function<void()> stop;    ///< the first SIGTERM or SIGINT
  std::function<void()> reload;  ///< each SIGHUP
  /// A second SIGTERM or SIGINT, or `patience` after the first: end at once.
  std::function<void()> give_up;
  std::chrono::nanoseconds patience{};  ///< zero: without end
};

/// A thread that receives the blocked signals and calls the handlers, one at a time.
class SignalThread {
 public:
  SignalThread(const BlockedSignals& blocked, SignalHandlers handlers);
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void run();
  int milliseconds_left() const;

  SignalHandlers handlers_;
  int signals_ = -1;
  int wake_ = -1;
  bool stopping_ = false;
  std::chrono::steady_clock::time_point give_up_at_;
  std::thread thread_;
};

}  // namespace gnocchi::service
