#pragma once

#include <algorithm>
#include <chrono>

namespace gnocchi::keystone {

using Duration = std::chrono::nanoseconds;

/// The moment by which something must be over, however many steps it takes.
class Deadline {
 public:
  explicit Deadline(Duration from_now) : at_(Clock::now() + from_now) {}

  /// What is left; never negative.
  Duration left() const { return std::max(Duration{at_ - Clock::now()}, Duration::zero()); }
  bool passed() const { return Clock::now() >= at_; }
  std::chrono::steady_clock::time_point at() const noexcept { return at_; }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point at_;
};

}  // namespace gnocchi::keystone
