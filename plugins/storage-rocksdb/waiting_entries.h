#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gnocchi::rocks {

/// The numbers of the entries that wait in a sack, ascending; 8 bytes each. One thread at a time.
class WaitingEntries {
 public:
  /// Numbers come nearly in order: of appends at the same time the later may come first.
  void add(std::uint64_t sequence);
  void remove_up_to(std::uint64_t sequence);

  bool contains(std::uint64_t sequence) const;
  std::span<const std::uint64_t> all() const { return std::span(sequences_).subspan(first_); }

 private:
  std::vector<std::uint64_t> sequences_;
  std::size_t first_ = 0;  ///< those before it are gone
};

}  // namespace gnocchi::rocks
