#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gnocchi/export.h"

namespace gnocchi {

/// How often a driver has asked its backend for one kind of operation since it was made.
struct OperationCount {
  std::string operation;  ///< a short word of the backend's own: "read", "notify"
  std::uint64_t count = 0;
};

/// What all drivers have in common: a life.
///
/// constructed (no I/O, no threads) -> start() -> calls -> stop() -> destroyed; each once and by
/// one thread, except that start() may be repeated after it threw Error{unavailable} or
/// Error{timed_out}. Between start and stop every method may be called from any number of threads
/// at once. Neither stop() nor the destructor throws. No call comes after stop().
class GNOCCHI_API Driver {
 public:
  Driver();
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  virtual ~Driver();

  /// Connects. Throws Error{unavailable|timed_out} if trying again may help, Error{invalid_config}
  /// if it cannot.
  virtual void start() = 0;
  virtual void stop() noexcept = 0;

  /// What the driver's calls have cost at its backend, in the backend's own operations: always the
  /// same kinds, each once. Any thread, at any time of the driver's life; cheap and without I/O.
  /// Empty, unless overridden: nothing is counted.
  virtual std::vector<OperationCount> operations() const;
};

}  // namespace gnocchi
