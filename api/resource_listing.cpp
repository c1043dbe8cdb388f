#include "api/resource_listing.h"

#include "api/accept.h"
#include "api/errors.h"
#include "api/json.h"
#include "api/resource_json.h"
#include "api/resource_marker.h"
#include "core/index/filter_binding.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

const std::vector<std::string> kDefaultResourceSort{"revision_start:asc", "started_at:asc"};

/// An option that Gnocchi 3 took from Accept, "application/json; details=true", before it looked at
/// the query.
bool option(const Request& request, const char* name) {
  const auto text = accept_parameter(request.headers.get("Accept").value_or(""), name);
  if (!text) return flag(request.query, name, false);
  if (const auto truth = parse_truth(*text)) return *truth;
  throw HttpError(400, "Unable to parse " + std::string(name) +
                           " value in Accept: " + python_repr(*text) + " is no truth value");
}

std::vector<Resource> find_page(const ResourceQuery& query, const ListingOptions& options,
                                const ResourceType& type, const Request& request,
                                Services& services) {
  try {
    const auto& marker = options.page.marker;
    return marker ? list_after(*marker, query, options, type, request, services)
                  : services.indexer.resources().list(query);
  } catch (const Refused& fault) {
    if (fault.subject() == Refused::Subject::resource_type) throw HttpError(404, fault.what());
    throw HttpError(400, fault.what());
  }
}

}  // namespace

ListingOptions parse_listing(const Request& request, const Services& services) {
  ListingOptions options;
  options.details = option(request, "details");
  options.history = option(request, "history");
  options.only = request.query.get_all("attrs");
  std::erase(options.only, "");
  const auto max_limit = static_cast<std::uint32_t>(services.config.integer("api", "max_limit"));
  options.page = parse_pagination(request.query, max_limit, kDefaultResourceSort);
  return options;
}

void answer_listing(const Request& request, Services& services, const ResourceType& type,
                    const ListingOptions& options, std::optional<Filter> filter,
                    Response& response) {
  ResourceQuery query;
  query.type = type.name;
  query.filter = std::move(filter);
  query.history = options.history;
  query.details = options.details;
  query.limit = options.page.limit;
  try {
    query.sorts = index::bind_sorts(options.page.sorts, type, options.history);
  } catch (const Refused& fault) {
    refuse_pagination(fault.what());
  }
  const auto page = find_page(query, options, type, request, services);
  JsonWriter json(response.body);
  json.begin_array();
  for (const Resource& resource : page) write_resource(json, resource, options.only);
  json.end_array();
  if (page.empty() || page.size() < options.page.limit) return;
  std::string marker = page.back().id.to_string();
  if (options.history) marker += "@" + std::to_string(page.back().revision.value_or(-1));
  link_next_page(request, options.page, marker, response);
}

}  // namespace gnocchi::api
