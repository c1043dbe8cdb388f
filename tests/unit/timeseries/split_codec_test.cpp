#include "core/timeseries/split_codec.h"

#include <gtest/gtest.h>

#include "core/timeseries/lz4_block.h"
#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

constexpr SplitGrid kGrid{36'000, 10};

Series decode(BytesView data, std::int64_t start = kEarliest, std::int64_t stop = kLatest) {
  Series series;
  decode_split(data, kGrid, series, start, stop);
  return series;
}

std::string corruption(BytesView data) {
  Series out{{1}, {1}};
  try {
    decode_split(data, kGrid, out);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::corrupt_data);
    EXPECT_EQ(out.size(), 1U) << "not as it was";
    return error.what();
  }
  return "";
}

Bytes compressed(BytesView payload) {
  Bytes out = "c";
  append_lz4_block(payload, out);
  return out;
}

/// A compressed split with these offsets and as many zeros as values.
Bytes with_offsets(const std::vector<int>& offsets) {
  Bytes payload;
  for (const int offset : offsets) {
    payload += static_cast<char>(offset & 255);
    payload += static_cast<char>(offset >> 8);
  }
  return compressed(payload + Bytes(offsets.size() * 8, '\0'));
}

Series full_split() {
  Series series;
  for (int i = 0; i < 3600; ++i) {
    series.times.push_back(kGrid.start_ns + i * kGrid.granularity_ns);
    series.values.push_back(i);
  }
  return series;
}

TEST(SplitCodec, FullSplitIsReadBackInBothForms) {
  const Series series = full_split();
  EXPECT_EQ(decode(encode_compressed(kGrid, series.times, series.values)), series);
  EXPECT_EQ(decode(encode_padded_whole(kGrid, series.times, series.values)), series);
  EXPECT_TRUE(decode("").empty());
  EXPECT_TRUE(decode(compressed("")).empty());
}

TEST(SplitCodec, OnlyTheRangeAskedForIsRead) {
  const Series series = full_split();
  for (const Bytes& data : {encode_compressed(kGrid, series.times, series.values),
                            encode_padded_whole(kGrid, series.times, series.values)}) {
    EXPECT_EQ(decode(data, 36'025, 36'050), (Series{{36'030, 36'040}, {3, 4}}));
    EXPECT_EQ(decode(data, 36'030, 36'041), (Series{{36'030, 36'040}, {3, 4}}));
    EXPECT_TRUE(decode(data, 36'031, 36'040).empty());
    EXPECT_TRUE(decode(data, 0, 36'000).empty());
    EXPECT_TRUE(decode(data, 72'000, kLatest).empty());
    EXPECT_EQ(decode(data, 71'990, kLatest), (Series{{71'990}, {3599}}));
  }
}

TEST(SplitCodec, PatchHasItsOffsetAndHolesOfZeros) {
  const std::vector<std::int64_t> times{36'020, 36'040};
  const std::vector<double> values{1, 2};
  const PaddedCells cells = encode_padded(kGrid, times, values);
  EXPECT_EQ(cells.offset_bytes, 18U);
  EXPECT_EQ(cells.data.size(), 27U);
  EXPECT_EQ(cells.data.substr(9, 9), Bytes(9, '\0'));
}

TEST(SplitCodec, EveryTruncationOfACompressedSplitIsCorrupt) {
  const Bytes data = with_offsets({0, 1, 5});
  EXPECT_EQ(corruption(data), "");
  for (std::size_t size = 1; size < data.size(); ++size) {
    EXPECT_NE(corruption(BytesView(data).substr(0, size)), "") << size;
  }
  EXPECT_NE(corruption(data + "x"), "");
}

TEST(SplitCodec, DamageIsNamed) {
  EXPECT_EQ(corruption("x123"), "split: first byte 120 names no form");
  EXPECT_EQ(corruption(with_offsets({0, 0})), "split: offset of point 1 does not ascend");
  EXPECT_EQ(corruption(with_offsets({3599, 1})), "split: offset 3600 of point 1 leaves the split");
  EXPECT_EQ(corruption(with_offsets({65535})), "split: offset 65535 of point 0 leaves the split");
  EXPECT_EQ(corruption(compressed(Bytes(11, '\0'))),
            "split: 11 bytes are no whole number of points");
  EXPECT_EQ(corruption(compressed(Bytes(36'010, '\0'))),
            "LZ4 block claims 36010 bytes, more than the 36000 that can be");
  EXPECT_EQ(corruption(Bytes(10, '\0')), "split: 10 bytes are no whole number of cells up to 3600");
  EXPECT_NE(corruption(Bytes(3601 * 9, '\0')), "");
  EXPECT_EQ(corruption(Bytes(9, '\0') + Bytes(9, '\2')),
            "split: flag of cell 1 is neither 0 nor 1");
}

TEST(SplitCodec, SplitLongerThanAllTimeIsRead) {
  const SplitGrid years{0, 365 * std::int64_t{86'400'000'000'000}};
  const std::vector<std::int64_t> times{years.granularity_ns * 50};
  const std::vector<double> values{1};
  Series series;
  decode_split(encode_compressed(years, times, values), years, series);
  EXPECT_EQ(series, (Series{times, values}));
  Series padded;
  decode_split(Bytes(3600 * 9, '\1'), years, padded, 0, kLatest);
  EXPECT_EQ(padded.size(), 293U);
}

}  // namespace
}  // namespace gnocchi::timeseries
