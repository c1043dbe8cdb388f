// Whatever bytes a split object holds, decoding it gives points of the split in order or says that
// it is corrupt; and what was decoded is written in either form and read back the same. The first
// byte of the input chooses the range that is read, the rest is the object.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "core/timeseries/split_codec.h"
#include "gnocchi/error.h"

namespace {

using namespace gnocchi::timeseries;

constexpr SplitGrid kGrid{1'699'999'200'000'000'000, 1'000'000'000};

void require(bool holds) {
  if (!holds) std::abort();
}

Series decode(const gnocchi::Bytes& object, std::int64_t start_ns, std::int64_t stop_ns) {
  Series series;
  decode_split(object, kGrid, series, start_ns, stop_ns);
  return series;
}

bool same(const Series& a, const Series& b) {
  return a.times == b.times && a.values.size() == b.values.size() &&
         (a.values.empty() ||
          std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(double)) == 0);
}

void check_points(const Series& series, std::int64_t start_ns, std::int64_t stop_ns) {
  require(series.values.size() == series.times.size());
  require(std::adjacent_find(series.times.begin(), series.times.end(), std::greater_equal<>{}) ==
          series.times.end());
  for (const std::int64_t time : series.times) {
    require(time >= start_ns && time < stop_ns);
    require(time >= kGrid.start_ns && (time - kGrid.start_ns) % kGrid.granularity_ns == 0);
    require((time - kGrid.start_ns) / kGrid.granularity_ns < kPointsPerSplit);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  if (size_bytes == 0) return 0;
  const std::int64_t start_ns = kGrid.start_ns + (data[0] & 15) * kGrid.granularity_ns;
  const std::int64_t stop_ns = start_ns + (data[0] >> 4) * 300 * kGrid.granularity_ns;
  const gnocchi::Bytes object(data + 1, data + size_bytes);
  try {
    check_points(decode(object, start_ns, stop_ns), start_ns, stop_ns);
    const Series all = decode(object, kEarliest, kLatest);
    check_points(all, kEarliest, kLatest);
    if (all.empty()) return 0;
    require(same(decode(encode_compressed(kGrid, all.times, all.values), kEarliest, kLatest), all));
    require(
        same(decode(encode_padded_whole(kGrid, all.times, all.values), kEarliest, kLatest), all));
  } catch (const gnocchi::Error& error) {
    require(error.code() == gnocchi::Error::Code::corrupt_data);
  }
  return 0;
}
