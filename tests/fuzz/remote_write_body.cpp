// Whatever a remote write holds, packed by snappy or as it is, it is parsed or refused.
#include <snappy.h>

#include <cstdlib>

#include "api/errors.h"
#include "api/prometheus_body.h"
#include "gnocchi/error.h"

namespace {

void parse_or_refuse(std::string_view body) {
  try {
    const auto write = gnocchi::api::parse_remote_write(body, "foobar", 1 << 20);
    if (write.resources.size() != write.attributes.size()) std::abort();
    for (const auto& resource : write.resources) {
      for (const auto& metric : resource.metrics) {
        for (const auto& measure : metric.measures) {
          if (measure.timestamp.time_since_epoch().count() < 0) std::abort();
        }
      }
    }
  } catch (const gnocchi::api::HttpError& error) {
    if (error.status() != 400 && error.status() != 413) std::abort();
  } catch (const gnocchi::Refused&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const std::string_view body(reinterpret_cast<const char*>(data), size_bytes);
  parse_or_refuse(body);
  std::string packed;
  snappy::Compress(body.data(), body.size(), &packed);
  parse_or_refuse(packed);
  return 0;
}
