// Bytes and results taken from Python Gnocchi by tests/golden/make_golden.py.
#include <gtest/gtest.h>

#include <cstring>

#include "core/timeseries/raw_codec.h"
#include "core/timeseries/resample.h"
#include "core/timeseries/split_codec.h"
#include "tests/unit/timeseries/golden_lines.h"

namespace gnocchi::timeseries {
namespace {

/// Values as bits, so that NaN equals NaN and the zeros differ; all NaNs are one.
std::vector<std::uint64_t> bits(const std::vector<double>& values) {
  std::vector<std::uint64_t> out;
  for (const double value : values) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    out.push_back(value != value ? 0x7ff8000000000000 : word);
  }
  return out;
}

TEST(Golden, RawSeriesAreWrittenAndReadLikePython) {
  for (const auto& fields : golden_lines("raw.tsv")) {
    const Series series = golden_series(fields.at(0), fields.at(1));
    const Bytes object = unhex(fields.at(2));
    EXPECT_EQ(encode_raw(series), object);
    const Series decoded = decode_raw(object);
    EXPECT_EQ(decoded.times, series.times);
    EXPECT_EQ(bits(decoded.values), bits(series.values));
  }
}

TEST(Golden, SplitsAreWrittenAndReadLikePython) {
  for (const auto& fields : golden_lines("splits.tsv")) {
    const SplitGrid grid{std::stoll(fields.at(1)), std::stoll(fields.at(0))};
    const Series series = golden_series(fields.at(2), fields.at(3));
    const Bytes compressed = unhex(fields.at(4));
    const std::uint64_t offset = std::stoull(fields.at(5));
    const Bytes cells = unhex(fields.at(6));

    EXPECT_EQ(encode_compressed(grid, series.times, series.values), compressed);
    const PaddedCells padded = encode_padded(grid, series.times, series.values);
    EXPECT_EQ(padded.offset_bytes, offset);
    EXPECT_EQ(padded.data, cells);
    const Bytes whole = Bytes(offset, '\0') + cells;
    EXPECT_EQ(encode_padded_whole(grid, series.times, series.values), whole);
    for (const Bytes& object : {compressed, whole}) {
      Series decoded;
      decode_split(object, grid, decoded);
      EXPECT_EQ(decoded.times, series.times);
      EXPECT_EQ(bits(decoded.values), bits(series.values));
    }
  }
}

TEST(Golden, SeriesAreResampledLikePython) {
  for (const auto& fields : golden_lines("aggregates.tsv")) {
    const Method method = Method::parse(fields.at(0)).value();
    const Series series = golden_series(fields.at(2), fields.at(3));
    const auto group = parse_calendar_group(fields.at(1));
    const Series result = group ? resample(series, method, *group)
                                : resample(series, method, Timespan{std::stoll(fields.at(1))});
    const std::string name = fields.at(0) + " by " + fields.at(1);
    const Series expected = golden_series(fields.at(4), fields.at(5));
    EXPECT_EQ(result.times, expected.times) << name;
    EXPECT_EQ(bits(result.values), bits(expected.values)) << name;
  }
}

}  // namespace
}  // namespace gnocchi::timeseries
