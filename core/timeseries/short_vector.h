#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <span>

namespace gnocchi::timeseries {

/// A vector that has its first N elements in itself. Most passes have a point or two for each
/// aggregate: a block of memory for each column of theirs takes longer than computing it.
template <class T, std::size_t N>
class ShortVector : public boost::container::small_vector<T, N> {
 public:
  using boost::container::small_vector<T, N>::small_vector;

  // Boost's iterators are none of those that std::span knows. NOLINTNEXTLINE(*-explicit-*)
  operator std::span<const T>() const noexcept { return {this->data(), this->size()}; }
};

}  // namespace gnocchi::timeseries
