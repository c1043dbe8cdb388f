#include <utility>

#include "api/bind.h"
#include "api/errors.h"
#include "api/filter_json.h"
#include "api/resource_ids.h"
#include "api/resource_listing.h"
#include "api/rights.h"
#include "core/index/filter_binding.h"

namespace gnocchi::api {
namespace {

void search_resources(const Request& request, const PathArguments& arguments, Services& services,
                      Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  const auto tree = requested_filter(request, services);
  const auto options = parse_listing(request, services);
  auto filter = visible_resources(services, "search resource", request, type);
  if (tree) {
    auto wanted = bind_search(*tree, type, request, services, options.history);
    filter = filter ? Filter::all({std::move(*filter), std::move(wanted)}) : std::move(wanted);
  }
  answer_listing(request, services, type, options, std::move(filter), response);
}

/// A search is a POST; yet of a type that is not there even a GET says so.
void refuse_get(const Request&, const PathArguments& arguments, Services& services, Response&) {
  find_resource_type(services, arguments[0]);
  Headers headers;
  headers.set("Allow", "POST");
  throw HttpError(405, Detail{}, std::move(headers));
}

}  // namespace

void add_search_routes(Router& router, Services& services) {
  const Binder routes(router, services);
  routes.add("POST", "/v1/search/resource/{type}", search_resources);
  routes.add("GET", "/v1/search/resource/{type}", refuse_get);
}

}  // namespace gnocchi::api
