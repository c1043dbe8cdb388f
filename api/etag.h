#pragma once

#include <string>

#include "api/http.h"
#include "gnocchi/resource.h"

/// Entity tags of resources and conditional requests (RFC 7232).
namespace gnocchi::api {

/// SHA-1, in hexadecimal, of id and revision_start: changes with every revision.
std::string etag_of(const ResourceBase& resource);

enum class Precondition { met, not_modified };

/// If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since in the order that the RFC asks
/// for. Throws HttpError 412. `not_modified`: the answer is 304, with neither body nor tag.
[[nodiscard]] Precondition check_preconditions(const Request& request,
                                               const ResourceBase& resource);

/// ETag and Last-Modified.
void set_etag(const ResourceBase& resource, Response& response);

}  // namespace gnocchi::api
