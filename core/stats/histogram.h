#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/stats/counter.h"

namespace gnocchi::stats {

using std::chrono::nanoseconds;

/// Upper bounds for what answers within milliseconds: requests, calls of drivers.
inline constexpr std::array<nanoseconds, 14> kCallBounds{
    std::chrono::microseconds{100},  std::chrono::microseconds{250},
    std::chrono::microseconds{500},  std::chrono::milliseconds{1},
    std::chrono::microseconds{2500}, std::chrono::milliseconds{5},
    std::chrono::milliseconds{10},   std::chrono::milliseconds{25},
    std::chrono::milliseconds{50},   std::chrono::milliseconds{100},
    std::chrono::milliseconds{250},  std::chrono::seconds{1},
    std::chrono::milliseconds{2500}, std::chrono::seconds{10}};

/// For passes over a sack, which take longer the more has piled up.
inline constexpr std::array<nanoseconds, 11> kPassBounds{
    std::chrono::milliseconds{1},  std::chrono::microseconds{2500}, std::chrono::milliseconds{10},
    std::chrono::milliseconds{25}, std::chrono::milliseconds{100},  std::chrono::milliseconds{250},
    std::chrono::seconds{1},       std::chrono::milliseconds{2500}, std::chrono::seconds{10},
    std::chrono::seconds{30},      std::chrono::seconds{120}};

/// How often something took how long. Any thread; an observation is two relaxed atomic operations
/// and no lock, so a reader may see one that is counted but not yet summed.
class Histogram {
 public:
  static constexpr std::size_t kMostBounds = 14;

  /// `bounds` are ascending, at most kMostBounds, and outlive the histogram.
  explicit Histogram(std::span<const nanoseconds> bounds = kCallBounds) noexcept
      : bounds_(bounds) {}

  void observe(nanoseconds time) noexcept;

  std::span<const nanoseconds> bounds() const noexcept { return bounds_; }
  /// Observations up to and including the n-th bound and above the one before; `n` ==
  /// bounds().size(): above all bounds.
  std::uint64_t count_in(std::size_t n) const noexcept { return counts_[n].value(); }
  std::uint64_t count() const noexcept;
  nanoseconds sum() const noexcept { return nanoseconds(sum_ns_.value()); }

 private:
  std::span<const nanoseconds> bounds_;
  std::array<Counter, kMostBounds + 1> counts_;
  Counter sum_ns_;
};

/// Observes the time from its making to its end.
class Timing {
 public:
  explicit Timing(Histogram& histogram) noexcept : histogram_(histogram) {}
  ~Timing() { histogram_.observe(std::chrono::steady_clock::now() - begin_); }
  Timing(const Timing&) = delete;
  Timing& operator=(const Timing&) = delete;

 private:
  Histogram& histogram_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace gnocchi::stats
