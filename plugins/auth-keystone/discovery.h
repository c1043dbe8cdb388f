#pragma once

#include <string>

#include "deadline.h"
#include "http_client.h"

namespace gnocchi::keystone {

/// The URL of Keystone's API version 3 under `url`, without a slash at the end: `url` itself if its
/// path ends in /v3; else what the list of versions there says. Servers without such a list, and
/// URLs that end in the forgotten /v2.0, get /v3. Throws Error{unavailable|timed_out}.
std::string v3_url(HttpClient& http, const std::string& url, const Deadline& deadline);

/// The identity endpoint of a catalogue (in an answer that {"token": {"catalog": ...}} is in):
/// that of `interface` and, unless empty, `region`. "" if the catalogue is empty or not there.
/// Throws Error{unavailable} if it has others only.
std::string identity_endpoint(const std::string& token_json, const std::string& interface,
                              const std::string& region);

}  // namespace gnocchi::keystone
