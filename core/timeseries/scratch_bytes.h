#pragma once

#include <array>
#include <cstddef>
#include <memory>

namespace gnocchi::timeseries {

/// Bytes to work in, of any content at first. Where they are few, as for most metrics, they cost no
/// allocation.
class ScratchBytes {
 public:
  explicit ScratchBytes(std::size_t size)
      : many_(size > kFew ? std::make_unique_for_overwrite<char[]>(size) : nullptr) {}

  char* data() noexcept { return many_ ? many_.get() : few_.data(); }

 private:
  static constexpr std::size_t kFew = 1024;
  std::array<char, kFew> few_;
  std::unique_ptr<char[]> many_;
};

}  // namespace gnocchi::timeseries
