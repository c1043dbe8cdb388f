#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "deadline.h"
#include "gnocchi/error.h"

namespace gnocchi::keystone {

/// While Keystone does not answer, one request at a time finds out whether it does again; the
/// others are told at once, so that the threads stay free for requests whose tokens are cached.
/// Any thread.
class Outage {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Role { usual, probe };

  /// Throws the failure that began the outage, to all but one each `pause`.
  Role enter();
  void succeeded(Role role);
  /// An attempt that `began` then failed.
  void failed(Role role, Clock::time_point began, const Error& error);

 private:
  // Long enough to be rare beside a timeout, short enough that nobody waits for the recovery.
  static constexpr Duration kPause = std::chrono::seconds{1};

  std::mutex mutex_;
  bool out_ = false;
  bool probing_ = false;
  Clock::time_point next_probe_;
  Clock::time_point last_success_ = Clock::time_point::min();
  Error::Code code_ = Error::Code::unavailable;
  std::string reason_;
};

}  // namespace gnocchi::keystone
