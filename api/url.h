#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http.h"

/// URLs in and out: percent-encoding, links and Location headers.
namespace gnocchi::api {

/// Decodes %xx; a '%' without two hex digits stays as it is.
std::string decode_percent(std::string_view text);
/// As decode_percent, with '+' for a space, as query strings have it.
std::string decode_form(std::string_view text);
/// Python's urllib.parse.quote: letters, digits, "_.-~" and "/" stay.
std::string encode_path(std::string_view text);
/// Python's urllib.parse.quote_plus: letters, digits and "_.-~" stay, a space becomes '+'.
std::string encode_form(std::string_view text);

/// "http://host/prefix" followed by `path` ("/v1/metric"), percent-encoded as encode_path does.
std::string absolute_url(const Request& request, std::string_view path);
/// Sets Location to absolute_url(request, path).
void set_location(const Request& request, Response& response, std::string_view path);

/// Adds Link rel="next" to the address of this request with these parameters, which are sorted by
/// name here (the order of equal names is kept).
void add_next_link(const Request& request, Response& response,
                   std::vector<std::pair<std::string, std::string>> parameters);

}  // namespace gnocchi::api
