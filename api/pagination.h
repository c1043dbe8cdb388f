#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "gnocchi/filter.h"

/// limit, marker, sort and the Link header of listings.
namespace gnocchi::api {

struct Pagination {
  std::uint32_t limit = 0;            ///< capped silently at the server's maximum
  std::optional<std::string> marker;  ///< as sent; what it names depends on the listing
  std::vector<std::string> sort;      ///< as sent ("name:asc"), or the default
  std::vector<Sort> sorts;            ///< the same, parsed; fields not checked
};

/// Reads limit, marker and sort (repeatable, "key[:asc|desc[-nullsfirst|-nullslast]]"). Throws
/// HttpError 400 {"cause": "Argument value error", ...} for a bad limit and 400 "Invalid
/// pagination: ..." for a bad direction.
Pagination parse_pagination(const QueryParameters& query, std::uint32_t max_limit,
                            const std::vector<std::string>& default_sort);

/// The sentence that refuses a marker, a sort key or a direction: 400 "Invalid pagination: `...'".
[[noreturn]] void refuse_pagination(std::string_view reason);

/// Adds Link: <url>; rel="next": the request's own query with limit, sort and the new marker in it.
/// Call it when a page is full.
void link_next_page(const Request& request, const Pagination& page, std::string_view marker,
                    Response& response);

/// True, yes, on, 1, t, y and their opposites, in any case; nullopt: neither.
std::optional<bool> parse_truth(std::string_view text);

/// The same of a parameter; absent is `fallback`. Throws HttpError
/// 400 "Unable to parse `name': invalid truth value 'x'".
bool flag(const QueryParameters& query, std::string_view name, bool fallback);

}  // namespace gnocchi::api
