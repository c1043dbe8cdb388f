#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "gnocchi/driver.h"

namespace gnocchi::ceph {

/// What is asked of the OSDs: each is one message to one object, however much it does there.
enum class Operation { read, list, check, write, remove, lock, watch, notify };
inline constexpr std::size_t kOperations = static_cast<std::size_t>(Operation::notify) + 1;

/// Counts operations as they are sent. Any thread.
class OperationCounts {
 public:
  void add(Operation operation) noexcept {
    counts_[static_cast<std::size_t>(operation)].fetch_add(1, std::memory_order_relaxed);
  }
  /// Of those kinds that a driver uses.
  std::vector<OperationCount> of(std::initializer_list<Operation> operations) const;

 private:
  std::array<std::atomic<std::uint64_t>, kOperations> counts_{};
};

}  // namespace gnocchi::ceph
