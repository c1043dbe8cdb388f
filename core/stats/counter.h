#pragma once

#include <atomic>
#include <cstdint>

namespace gnocchi::stats {

/// A number that only grows. Any thread; adding is one relaxed atomic operation.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace gnocchi::stats
