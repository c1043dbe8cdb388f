#include "core/timeseries/lz4_block.h"

#include <lz4.h>

#include <cstring>
#include <string>

#include "core/timeseries/byte_reader.h"
#include "core/timeseries/scratch_bytes.h"
#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

// One byte of a block stands for at most 255 bytes of a match.
constexpr std::size_t kMaxExpansion = 255;

[[noreturn]] void corrupt_block(const std::string& what) {
  throw Error(Error::Code::corrupt_data, "LZ4 block " + what);
}

}  // namespace

void append_lz4_block(BytesView payload, Bytes& out) {
  if (payload.size() > LZ4_MAX_INPUT_SIZE) {
    throw Error(Error::Code::internal,
                "compress: " + std::to_string(payload.size()) + " bytes are too many for LZ4");
  }
  const int size = static_cast<int>(payload.size());
  const auto declared = static_cast<std::uint32_t>(size);
  const int bound = LZ4_compressBound(size);
  ScratchBytes packed(static_cast<std::size_t>(bound));
  // Python's binding compresses through a stream, whose hash table differs from the one that
  // LZ4_compress_default takes for short inputs: other bytes, though just as valid.
  LZ4_stream_t stream;
  LZ4_initStream(&stream, sizeof stream);
  const int written =
      LZ4_compress_fast_continue(&stream, payload.data(), packed.data(), size, bound, 1);
  if (written <= 0) throw Error(Error::Code::internal, "compress: LZ4 refused");
  const auto packed_size = static_cast<std::size_t>(written);
  out.reserve(out.size() + sizeof declared + packed_size);
  out.append(reinterpret_cast<const char*>(&declared), sizeof declared);
  out.append(packed.data(), packed_size);
}

UnpackedBlock unpack_lz4_block(BytesView block, std::size_t max_bytes) {
  ByteReader reader(block);
  const std::size_t declared = reader.read<std::uint32_t>();
  const BytesView packed = reader.take(reader.remaining());
  if (declared > max_bytes || declared > LZ4_MAX_INPUT_SIZE) {
    corrupt_block("claims " + std::to_string(declared) + " bytes, more than the " +
                  std::to_string(max_bytes) + " that can be");
  }
  if (declared / kMaxExpansion > packed.size() || packed.size() > LZ4_MAX_INPUT_SIZE) {
    corrupt_block("claims " + std::to_string(declared) + " bytes out of " +
                  std::to_string(packed.size()));
  }
  // One byte more than nothing, so that the pointer is good.
  auto bytes = std::make_unique_for_overwrite<char[]>(declared + 1);
  const int size = LZ4_decompress_safe(packed.data(), bytes.get(), static_cast<int>(packed.size()),
                                       static_cast<int>(declared));
  if (size < 0) corrupt_block("of " + std::to_string(packed.size()) + " bytes is damaged");
  if (static_cast<std::size_t>(size) != declared) {
    corrupt_block("claims " + std::to_string(declared) + " bytes but holds " +
                  std::to_string(size));
  }
  return {std::move(bytes), declared};
}

}  // namespace gnocchi::timeseries
