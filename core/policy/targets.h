#pragma once

#include "core/policy/enforcer.h"
#include "gnocchi/resource.h"

/// Rows as rules see them: the attributes of their JSON form, nested ones with a dot.
namespace gnocchi::policy {

/// With the attributes of its type.
Target target_of(const Resource& resource);

/// With "resource.project_id" etc. where Metric::resource is filled in.
Target target_of(const Metric& metric);

/// Adds created_by_user_id and created_by_project_id beside creator, each with `prefix` in front.
void add_creator(Target& target, const std::string& prefix,
                 const std::optional<std::string>& creator);

}  // namespace gnocchi::policy
