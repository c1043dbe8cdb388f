#pragma once

#include <string_view>
#include <vector>

#include "api/resource_listing.h"

namespace gnocchi::api {

/// The page of `query` after the marker of a listing: the id of a resource or the client's own name
/// for it; "id@revision" in listings of revisions; or, where the request names a sort key, the
/// value of the first one that the last page ended with (rows that share that value are skipped).
/// Throws HttpError 400 "Invalid pagination: `Invalid marker: ..." for anything else, and Refused
/// as ResourceIndex::list does.
std::vector<Resource> list_after(std::string_view marker, ResourceQuery query,
                                 const ListingOptions& options, const ResourceType& type,
                                 const Request& request, Services& services);

}  // namespace gnocchi::api
