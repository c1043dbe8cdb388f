#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gnocchi/auth.h"

namespace gnocchi::policy {

/// As the header modes make them: "user:project", and either may be missing.
inline Identity member(std::optional<std::string> user, std::optional<std::string> project,
                       std::vector<std::string> roles = {}) {
  Identity who;
  who.creator = user.value_or("") + ":" + project.value_or("");
  who.user_id = std::move(user);
  who.project_id = std::move(project);
  who.roles = std::move(roles);
  return who;
}

/// As the modes without projects make them.
inline Identity user(const std::string& name) {
  Identity who;
  who.creator = name;
  if (name == "admin") who.roles = {"admin"};
  return who;
}

}  // namespace gnocchi::policy
