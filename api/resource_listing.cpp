#include "api/resource_listing.h"

#include <charconv>

#include "api/errors.h"
#include "api/json.h"
#include "api/resource_json.h"
#include "core/index/filter_binding.h"
#include "core/index/resource_id.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

const std::vector<std::string> kDefaultSort{"revision_start:asc", "started_at:asc"};

/// True if an option of Gnocchi 3 stands in Accept: "application/json; details=true".
bool accept_option(const Request& request, std::string_view name) {
  std::string accept(request.headers.get("Accept").value_or(""));
  std::erase(accept, ' ');
  return accept.find(";" + std::string(name) + "=true") != std::string::npos;
}

[[noreturn]] void refuse_marker(std::string_view marker) {
  refuse_pagination("Invalid marker: `" + std::string(marker) + "'");
}

/// "id", or "id@revision" in listings of revisions. An id may be the client's own name.
void set_marker(std::string_view marker, const ListingOptions& options, const Request& request,
                ResourceQuery& query) {
  std::string_view id = marker;
  if (options.history) {
    const auto at = marker.rfind('@');
    if (at == std::string_view::npos) refuse_marker(marker);
    const std::string_view digits = marker.substr(at + 1);
    std::int64_t revision = 0;
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, revision);
    if (parsed.ec != std::errc{} || parsed.ptr != end) refuse_marker(marker);
    query.marker_revision = revision;
    id = marker.substr(0, at);
  }
  try {
    query.marker = index::resource_id(id, request.identity.creator);
  } catch (const Refused&) {
    refuse_marker(marker);
  }
}

std::vector<Resource> find_page(const ResourceQuery& query, const ListingOptions& options,
                                Services& services) {
  try {
    return services.indexer.resources().list(query);
  } catch (const Refused& fault) {
    // Sort keys were checked before, so that it can only be the marker.
    if (fault.subject() == Refused::Subject::pagination && options.page.marker) {
      refuse_marker(*options.page.marker);
    }
    if (fault.subject() == Refused::Subject::resource_type) throw HttpError(404, fault.what());
    throw HttpError(400, fault.what());
  }
}

}  // namespace

ListingOptions parse_listing(const Request& request, const Services& services) {
  ListingOptions options;
  options.details = flag(request.query, "details", accept_option(request, "details"));
  options.history = flag(request.query, "history", accept_option(request, "history"));
  options.only = request.query.get_all("attrs");
  std::erase(options.only, "");
  const auto max_limit = static_cast<std::uint32_t>(services.config.integer("api", "max_limit"));
  options.page = parse_pagination(request.query, max_limit, kDefaultSort);
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
  if (options.page.marker) set_marker(*options.page.marker, options, request, query);
  try {
    query.sorts = index::bind_sorts(options.page.sorts, type, options.history);
  } catch (const Refused& fault) {
    refuse_pagination(fault.what());
  }
  const auto page = find_page(query, options, services);
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
