#pragma once

#include <string_view>

#include "token.h"

namespace gnocchi::keystone {

/// Whether an application credential's access rules let this request pass. `path` is without a
/// query; `service_type` what this service is in the catalogue, perhaps "". With a service token
/// beside it the request is a service's, which only acts on the user's behalf.
bool allowed_by_access_rules(const Token& token, std::string_view method, std::string_view path,
                             std::string_view service_type, bool with_service_token);

/// Keystone's patterns of paths: {name} and * stand for one or more characters but '/', ** for any,
/// none too.
bool path_matches(std::string_view path, std::string_view pattern);

}  // namespace gnocchi::keystone
