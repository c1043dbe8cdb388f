// Prometheus's remote write.
#include "api/batch_author.h"
#include "api/errors.h"
#include "api/prometheus_body.h"
#include "api/router.h"

namespace gnocchi::api {
namespace {

constexpr char kResourceType[] = "prometheus";
constexpr AttributeSpec kLabel{AttributeType::string, true, 1, 512, {}, {}};

/// Remote write 2.0 is another message; a sender that may try it falls back to 1.0 at 415.
void check_type(const Request& request) {
  const auto type = request.headers.get("Content-Type").value_or("");
  if (type.find("io.prometheus.write.v2") != std::string_view::npos) {
    throw HttpError(415, "remote write 2.0 is not supported (supported: 1.0)");
  }
  const auto encoding = request.headers.get("Content-Encoding").value_or("snappy");
  if (!equals_ignoring_case(encoding, "snappy")) {
    throw HttpError(
        415, "Content-Encoding " + std::string(encoding) + " is not supported (supported: snappy)");
  }
}

void post_remote_write(const Request& request, Services& services, Response& response) {
  check_type(request);
  const auto most_bytes = services.config.integer("oslo_middleware", "max_request_body_size");
  auto write = parse_remote_write(request.body, request.identity.creator,
                                  static_cast<std::size_t>(most_bytes));
  pipeline::MissingResources resources;
  resources.type = kResourceType;
  resources.type_attributes = {{"job", kLabel}, {"instance", kLabel}};
  resources.attributes = std::move(write.attributes);
  store(std::move(write.resources), resources, request, services);
  response.status = 202;
}

}  // namespace

void add_prometheus_routes(Router& router, Services& services) {
  router.add("POST", "/v1/prometheus/write",
             [&services](const Request& request, const PathArguments&, Response& response) {
               post_remote_write(request, services, response);
             });
}

}  // namespace gnocchi::api
