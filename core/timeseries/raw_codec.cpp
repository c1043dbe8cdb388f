#include "core/timeseries/raw_codec.h"

#include <limits>
#include <string>

#include "core/timeseries/byte_reader.h"
#include "core/timeseries/lz4_block.h"
#include "core/timeseries/scratch_bytes.h"
#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

constexpr std::size_t kPointBytes = sizeof(std::int64_t) + sizeof(double);

[[noreturn]] void corrupt_raw(const std::string& what) {
  throw Error(Error::Code::corrupt_data, "raw series: " + what);
}

/// Turns the differences that are stored into times, in place.
void add_up(std::vector<std::int64_t>& times) {
  std::int64_t time = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::int64_t step = times[i];
    if (step < 0 || (i > 0 && step == 0) || __builtin_add_overflow(time, step, &time)) {
      corrupt_raw("time of point " + std::to_string(i) +
                  " is not after the one before or out of range");
    }
    times[i] = time;
  }
}

}  // namespace

Bytes encode_raw(const Series& series) {
  Bytes out;
  if (series.empty()) return out;
  const std::size_t n = series.size();
  ScratchBytes payload(n * kPointBytes);
  char* at = payload.data();
  std::int64_t before = 0;
  for (const std::int64_t time : series.times) {
    const std::int64_t step = time - before;
    std::memcpy(at, &step, sizeof step);
    at += sizeof step;
    before = time;
  }
  std::memcpy(at, series.values.data(), n * sizeof(double));
  append_lz4_block({payload.data(), n * kPointBytes}, out);
  return out;
}

Series decode_raw(BytesView data) {
  Series series;
  if (data.empty()) return series;
  const UnpackedBlock block = unpack_lz4_block(data, std::numeric_limits<std::int32_t>::max());
  ByteReader reader(block.view());
  if (reader.remaining() % kPointBytes != 0) {
    corrupt_raw(std::to_string(reader.remaining()) + " bytes are no whole number of points");
  }
  const std::size_t n = reader.remaining() / kPointBytes;
  series.times.resize(n);
  series.values.resize(n);
  reader.read_column<std::int64_t>(series.times);
  reader.read_column<double>(series.values);
  add_up(series.times);
  return series;
}

}  // namespace gnocchi::timeseries
