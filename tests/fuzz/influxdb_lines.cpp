// Whatever a body of lines holds, it is parsed or refused with 400, in every unit of time; and so
// is a query.
#include <cstdlib>
#include <string_view>

#include "api/errors.h"
#include "api/influxdb_lines.h"
#include "core/index/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const std::string_view body(reinterpret_cast<const char*>(data), size_bytes);
  for (const std::int64_t unit_ns : {std::int64_t{1}, std::int64_t{3'600'000'000'000}}) {
    gnocchi::pipeline::MeasureCollector measures("foobar");
    try {
      gnocchi::api::parse_lines(body, {"host", unit_ns, gnocchi::Timestamp{}}, measures);
    } catch (const gnocchi::api::HttpError& error) {
      if (error.status() != 400) std::abort();
      continue;
    }
    for (const auto& resource : measures.take()) {
      for (const auto& metric : resource.metrics) {
        if (metric.name.empty() || metric.name.find('/') != std::string::npos) std::abort();
        if (!gnocchi::index::is_utf8(metric.name)) std::abort();
        for (const auto& measure : metric.measures) {
          if (measure.timestamp.time_since_epoch().count() < 0) std::abort();
        }
      }
    }
  }
  const auto database = gnocchi::api::created_database(body);
  if (database && database->empty()) std::abort();
  return 0;
}
