#pragma once

#include <string>

#include "gnocchi/error.h"

namespace gnocchi::query {

/// What was asked cannot be answered, and why.
[[noreturn]] inline void refuse(const std::string& reason) {
  throw Refused{Refused::Reason::invalid_value, Refused::Subject::none, reason};
}

}  // namespace gnocchi::query
