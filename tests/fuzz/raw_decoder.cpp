// Whatever bytes a raw series object holds, decoding it gives points in order or says that it is
// corrupt; and what was decoded is written and read back the same.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "core/timeseries/raw_codec.h"
#include "gnocchi/error.h"

namespace {

using gnocchi::timeseries::Series;

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const Series& a, const Series& b) {
  return a.times == b.times && a.values.size() == b.values.size() &&
         (a.values.empty() ||
          std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(double)) == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const gnocchi::Bytes object(data, data + size_bytes);
  Series series;
  try {
    series = gnocchi::timeseries::decode_raw(object);
  } catch (const gnocchi::Error& error) {
    require(error.code() == gnocchi::Error::Code::corrupt_data);
    return 0;
  }
  require(series.values.size() == series.times.size());
  require(std::adjacent_find(series.times.begin(), series.times.end(), std::greater_equal<>{}) ==
          series.times.end());
  require(same(gnocchi::timeseries::decode_raw(gnocchi::timeseries::encode_raw(series)), series));
  return 0;
}
