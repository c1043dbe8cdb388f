// Whatever a body of measures holds, it is parsed or refused with 400: as a list, by metric and by
// resource.
#include <cstdlib>
#include <string_view>

#include "api/errors.h"
#include "api/measures_body.h"

namespace {

constexpr gnocchi::Timestamp kNow{gnocchi::Timespan{1'388'577'600'000'000'000}};

template <class Parse>
void parse_or_refuse(Parse parse) {
  try {
    parse();
  } catch (const gnocchi::api::HttpError& error) {
    if (error.status() != 400) std::abort();
  }
}

void check(const std::vector<gnocchi::Measure>& measures) {
  for (const auto& measure : measures) {
    if (measure.timestamp.time_since_epoch().count() < 0) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const std::string_view body(reinterpret_cast<const char*>(data), size_bytes);
  parse_or_refuse([&] { check(gnocchi::api::parse_measures(body, kNow)); });
  parse_or_refuse([&] {
    for (const auto& metric : gnocchi::api::parse_metrics_measures(body, kNow)) {
      check(metric.measures);
    }
  });
  parse_or_refuse([&] {
    for (const auto& resource : gnocchi::api::parse_resources_measures(body, "foobar", kNow)) {
      for (const auto& metric : resource.metrics) check(metric.measures);
    }
  });
  return 0;
}
