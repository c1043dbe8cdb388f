#pragma once

#include <string>

namespace gnocchi::policy {

/// A policy.yaml with every rule and its default, commented out.
std::string sample_policy();

}  // namespace gnocchi::policy
