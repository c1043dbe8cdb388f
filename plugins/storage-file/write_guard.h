#pragma once

#include <chrono>
#include <cstdint>
#include <set>

#include "posix.h"

namespace gnocchi::file {

/// Keeps writers of one store apart while they check versions and write: a worker that lost its
/// sack's lock unnoticed, having been stopped for instance, then finds that its successor has
/// written, or its successor waits for it. Of metrics of different sacks there is nothing to keep
/// apart, hence one lock a sack: a byte of a file each, the kernel's, gone with the process.
///
/// Held from its making to its destruction. One thread; guards exclude each other within a process
/// as well.
class WriteGuard {
 public:
  static constexpr char kPath[] = "tmp/gnocchi-write-lock";

  /// Waits up to `wait` for all of the sacks' locks. Throws Error{timed_out}.
  WriteGuard(int base, const std::set<std::uint32_t>& sacks, std::chrono::milliseconds wait);

 private:
  Descriptor fd_;
};

}  // namespace gnocchi::file
