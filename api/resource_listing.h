#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/http.h"
#include "api/pagination.h"
#include "api/services.h"
#include "gnocchi/filter.h"
#include "gnocchi/resource.h"

/// What GET of a type's resources, their history and searches have in common.
namespace gnocchi::api {

struct ListingOptions {
  Pagination page;
  bool details = false;
  bool history = false;
  std::vector<std::string> only;  ///< keys wanted of each resource; all if empty
};

/// limit, marker, sort, details, history and attrs; also Gnocchi 3's
/// "Accept: application/json; details=true; history=true".
ListingOptions parse_listing(const Request& request, const Services& services);

/// Answers with a page of resources of the type that match, and a Link if it is full.
void answer_listing(const Request& request, Services& services, const ResourceType& type,
                    const ListingOptions& options, std::optional<Filter> filter,
                    Response& response);

}  // namespace gnocchi::api
