#include "core/pipeline/measures_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "gnocchi/error.h"

namespace gnocchi::pipeline {
namespace {

Measure at(std::int64_t ns, double value) { return {Timestamp(Timespan(ns)), value}; }

TEST(MeasuresCodec, WritesTheBytesOfGnocchi) {
  // 2018-04-15T12:00:00Z, 1.5: little-endian u64 nanoseconds, then an IEEE double.
  const std::vector<Measure> measures{at(1523793600000000000, 1.5)};
  const Bytes expected("\x00\x00\x79\x9a\xb8\x99\x25\x15\x00\x00\x00\x00\x00\x00\xf8\x3f", 16);
  EXPECT_EQ(encode_measures(measures).size(), 16u);
  EXPECT_EQ(encode_measures(measures).substr(8), expected.substr(8));
  std::uint64_t ns = 0;
  for (int i = 7; i >= 0; --i)
    ns = ns << 8 | static_cast<unsigned char>(encode_measures(measures)[i]);
  EXPECT_EQ(ns, 1523793600000000000u);
}

TEST(MeasuresCodec, ReadsBackWhatItWrote) {
  const std::vector<Measure> measures{at(0, -0.0), at(5, std::numeric_limits<double>::infinity()),
                                      at(std::numeric_limits<std::int64_t>::max(), 1e-300)};
  std::vector<Measure> read;
  decode_measures(encode_measures(measures), read);
  EXPECT_EQ(read, measures);
}

TEST(MeasuresCodec, AppendsToWhatIsThere) {
  std::vector<Measure> read{at(1, 1)};
  decode_measures(encode_measures(std::vector<Measure>{at(2, 2)}), read);
  EXPECT_EQ(read.size(), 2u);
}

TEST(MeasuresCodec, RefusesABundleCutShortAndLeavesTheOutputAlone) {
  const Bytes bundle = encode_measures(std::vector<Measure>{at(1, 1), at(2, 2)});
  std::vector<Measure> read{at(9, 9)};
  for (std::size_t size = 1; size < bundle.size(); ++size) {
    if (size == kMeasureBytes) continue;
    EXPECT_THROW(decode_measures(BytesView(bundle).substr(0, size), read), Error) << size;
  }
  EXPECT_EQ(read.size(), 1u);
}

TEST(MeasuresCodec, RefusesATimeThatIsNoTimestamp) {
  Bytes bundle(kMeasureBytes, '\xff');
  std::vector<Measure> read;
  EXPECT_THROW(decode_measures(bundle, read), Error);
  EXPECT_TRUE(read.empty());
}

}  // namespace
}  // namespace gnocchi::pipeline
