#pragma once

#include <string>

namespace gnocchi::api {

/// "req-" and a UUID. Unique, not secret: those of one thread are in sequence, as the system's
/// generator costs a call each time. Any thread.
std::string new_request_id();

}  // namespace gnocchi::api
