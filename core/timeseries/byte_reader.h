#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "gnocchi/error.h"
#include "gnocchi/types.h"

namespace gnocchi::timeseries {

static_assert(std::endian::native == std::endian::little, "stored numbers are little-endian");

/// The one door through which stored bytes become numbers. Every read checks that the bytes are
/// there and throws Error{corrupt_data} saying how many were missing. The bytes outlive the reader.
class ByteReader {
 public:
  explicit ByteReader(BytesView data) noexcept : data_(data) {}

  std::size_t remaining() const noexcept { return data_.size(); }

  BytesView take(std::size_t size_bytes) {
    if (size_bytes > data_.size()) {
      throw Error(Error::Code::corrupt_data,
                  "ends " + std::to_string(size_bytes - data_.size()) + " bytes too early");
    }
    const BytesView part = data_.substr(0, size_bytes);
    data_.remove_prefix(size_bytes);
    return part;
  }

  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number> Number read() {
    Number value{};
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  /// Fills a whole column, one copy.
  template <typename Number>
  requires std::integral<Number> || std::floating_point<Number>
  void read_column(std::span<Number> out) {
    if (out.empty()) return;
    std::memcpy(out.data(), take(out.size_bytes()).data(), out.size_bytes());
  }

 private:
  BytesView data_;
};

}  // namespace gnocchi::timeseries
