#include "core/pipeline/measures_codec.h"

#include <bit>
#include <cstring>
#include <limits>
#include <string>

#include "gnocchi/error.h"

static_assert(std::endian::native == std::endian::little, "stored formats are little-endian");

namespace gnocchi::pipeline {

Bytes encode_measures(std::span<const Measure> measures) {
  Bytes bundle(measures.size() * kMeasureBytes, '\0');
  char* at = bundle.data();
  for (const Measure& measure : measures) {
    const auto ns = static_cast<std::uint64_t>(measure.timestamp.time_since_epoch().count());
    std::memcpy(at, &ns, sizeof ns);
    std::memcpy(at + sizeof ns, &measure.value, sizeof measure.value);
    at += kMeasureBytes;
  }
  return bundle;
}

void decode_measures(BytesView bundle, std::vector<Measure>& out) {
  if (bundle.size() % kMeasureBytes != 0) {
    throw Error(Error::Code::corrupt_data, "bundle of measures: " + std::to_string(bundle.size()) +
                                               " bytes are no multiple of 16");
  }
  const std::size_t before = out.size();
  out.resize(before + bundle.size() / kMeasureBytes);
  const char* at = bundle.data();
  for (std::size_t i = before; i < out.size(); ++i, at += kMeasureBytes) {
    std::uint64_t ns = 0;
    std::memcpy(&ns, at, sizeof ns);
    std::memcpy(&out[i].value, at + sizeof ns, sizeof out[i].value);
    if (ns > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      out.resize(before);
      throw Error(Error::Code::corrupt_data,
                  "bundle of measures: time " + std::to_string(ns) + " ns is out of range");
    }
    out[i].timestamp = Timestamp(Timespan(static_cast<std::int64_t>(ns)));
  }
}

}  // namespace gnocchi::pipeline
