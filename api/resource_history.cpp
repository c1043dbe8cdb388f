#include "api/resource_history.h"

#include "api/bind.h"
#include "api/resource_listing.h"
#include "api/rights.h"

namespace gnocchi::api {
namespace {

void get_history(const Request& request, const PathArguments& arguments, Services& services,
                 Response& response) {
  const auto type = find_resource_type(services, arguments[0]);
  auto options = parse_listing(request, services);
  options.history = true;
  const auto resource = find_resource(services, type, arguments[1], false, "get resource", request);
  auto filter = Filter::compare(Filter::Op::eq, "id", Uuid(resource.id));
  answer_listing(request, services, type, options, std::move(filter), response);
}

}  // namespace

void add_history_routes(Router& router, Services& services) {
  Binder(router, services).add("GET", "/v1/resource/{type}/{id}/history", get_history);
}

}  // namespace gnocchi::api
