#pragma once

#include <memory>

#include "gnocchi/types.h"

namespace gnocchi::timeseries {

/// An LZ4 block unpacked into memory of its own.
class UnpackedBlock {
 public:
  UnpackedBlock(std::unique_ptr<char[]> bytes, std::size_t size_bytes) noexcept
      : bytes_(std::move(bytes)), size_bytes_(size_bytes) {}
  BytesView view() const noexcept { return {bytes_.get(), size_bytes_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_bytes_;
};

/// Appends the block to `out`: the size of `payload` as u32, then the LZ4 block, the same bytes as
/// Python's lz4.block.compress. Throws Error{internal} beyond LZ4's limit of 2,113,929,216 bytes.
void append_lz4_block(BytesView payload, Bytes& out);

/// Unpacks what append_lz4_block, or any other LZ4 encoder, wrote. The declared size is checked
/// against `max_bytes` and against what so short a block can hold before memory is taken. Throws
/// Error{corrupt_data}.
UnpackedBlock unpack_lz4_block(BytesView block, std::size_t max_bytes);

}  // namespace gnocchi::timeseries
