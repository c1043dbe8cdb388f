#pragma once

#include <cstddef>

namespace gnocchi::rocks {

/// For memory that is filled from its start to its end: has the kernel give the pages ahead many at
/// once. Page by page each takes a fault, which on virtual machines may cost ten times as much.
///
/// What lies ahead may belong to somebody else, or to nobody: no byte of it changes.
/// One thread at a time.
class PagesAhead {
 public:
  /// Before `bytes` are written at `place`.
  void reach(const char* place, std::size_t bytes) noexcept;

 private:
  std::size_t written_ = 0;  ///< so few bytes need no pages ahead
  const char* begin_ = nullptr;
  const char* end_ = nullptr;  ///< of what was asked for last
};

}  // namespace gnocchi::rocks
