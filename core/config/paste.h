#pragma once

#include <string>
#include <string_view>

#include "core/config/settings.h"

namespace gnocchi::config {

/// The name of the authenticator driver: `[api] auth_mode`; where it is not set, what the pipeline
/// in the paste_config file asks for; else "basic". A paste_config that is set to a file which is
/// not there is Error{invalid_config}; the default name may be absent.
std::string authenticator_name(const Settings& settings);

/// The authenticator that `pipeline = gnocchi+NAME` in [pipeline:main] (or `[composite:main]`, or
/// a `use = gnocchi+NAME`) asks for; empty if the text has none. `auth` and `keystone` are
/// keystone.
std::string authenticator_of_paste(std::string_view text, const std::string& file);

}  // namespace gnocchi::config
