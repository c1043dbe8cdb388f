#include "core/timeseries/raw_codec.h"

#include <gtest/gtest.h>

#include "core/timeseries/lz4_block.h"
#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

std::string corruption(BytesView data) {
  try {
    decode_raw(data);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::corrupt_data);
    return error.what();
  }
  return "";
}

Bytes block(BytesView payload) {
  Bytes out;
  append_lz4_block(payload, out);
  return out;
}

TEST(RawCodec, EmptyObjectIsAnEmptySeries) {
  EXPECT_TRUE(decode_raw("").empty());
  EXPECT_EQ(encode_raw({}), "");
  EXPECT_TRUE(decode_raw(block("")).empty());
}

TEST(RawCodec, WhatIsWrittenIsRead) {
  Series series;
  for (int i = 0; i < 10'000; ++i) {
    series.times.push_back(1'700'000'000'000'000'000 + i * 12'345);
    series.values.push_back(i * 0.1);
  }
  EXPECT_EQ(decode_raw(encode_raw(series)), series);
}

TEST(RawCodec, EveryTruncationIsCorrupt) {
  const Bytes object = encode_raw({{1, 2, 3}, {1.5, 2.5, 3.5}});
  for (std::size_t size = 1; size < object.size(); ++size) {
    EXPECT_NE(corruption(BytesView(object).substr(0, size)), "") << size;
  }
}

TEST(RawCodec, TrailingBytesAreCorrupt) {
  EXPECT_NE(corruption(encode_raw({{1}, {1}}) + "x"), "");
  EXPECT_EQ(corruption(block(Bytes(17, '\1'))),
            "raw series: 17 bytes are no whole number of points");
}

TEST(RawCodec, HugeDeclaredSizeIsRefusedBeforeMemoryIsTaken) {
  const std::string what = corruption(Bytes("\xff\xff\xff\x7d\x10xxxx", 9));
  EXPECT_EQ(what, "LZ4 block claims 2113929215 bytes out of 5");
}

TEST(RawCodec, TimesThatDoNotAscendAreCorrupt) {
  EXPECT_NE(corruption(encode_raw({{5, 5}, {1, 2}})), "");
  EXPECT_NE(corruption(encode_raw({{5, 4}, {1, 2}})), "");
  EXPECT_NE(corruption(block(Bytes(7, '\0') + '\x80' + Bytes(8, '\0'))), "");
}

}  // namespace
}  // namespace gnocchi::timeseries
