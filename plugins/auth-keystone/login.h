#pragma once

#include <string>

#include "settings.h"

namespace gnocchi::keystone {

/// The body of POST /v3/auth/tokens for this user.
std::string login_body(const ServiceUser& user);

}  // namespace gnocchi::keystone
