#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "api/http.h"

/// Compressed bodies. `most_bytes` bounds what comes out, so that a small body cannot fill the
/// memory: HttpError 413 beyond it. HttpError 400 for bytes that are not what they should be.
namespace gnocchi::api {

/// The body, unpacked if its Content-Encoding is gzip. Throws HttpError 415 for other encodings.
std::string plain_body(const Request& request, std::size_t most_bytes);

/// gzip (RFC 1952), one member.
std::string gunzip(std::string_view packed, std::size_t most_bytes);

}  // namespace gnocchi::api
