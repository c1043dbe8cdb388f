#include "core/policy/defaults.h"

namespace gnocchi::policy {
namespace {

constexpr std::pair<std::string_view, std::string_view> kRules[] = {
    {"context_is_admin", "role:admin"},
    {"creator", "user:%(creator)s or project_id:%(created_by_project_id)s"},
    {"admin_or_creator", "role:admin or user:%(creator)s or project_id:%(created_by_project_id)s"},
    // Ceilometer and its like: they write for everybody and delete nothing.
    {"admin_or_service", "role:admin or role:service"},
    {"resource_owner", "project_id:%(project_id)s"},
    {"metric_owner", "project_id:%(resource.project_id)s"},

    {"get status", "role:admin"},

    {"create resource", ""},
    {"get resource", "rule:admin_or_creator or rule:resource_owner"},
    {"update resource", "rule:admin_or_service or rule:creator"},
    {"delete resource", "rule:admin_or_creator"},
    {"delete resources", "rule:admin_or_creator"},
    {"list resource", "rule:admin_or_creator or rule:resource_owner"},
    {"search resource", "rule:admin_or_service or rule:creator or rule:resource_owner"},

    {"create resource type", "rule:admin_or_service"},
    {"delete resource type", "role:admin"},
    {"update resource type", "rule:admin_or_service"},
    {"list resource type", ""},
    {"get resource type", ""},

    {"get archive policy", ""},
    {"list archive policy", ""},
    {"create archive policy", "rule:admin_or_service"},
    {"update archive policy", "role:admin"},
    {"delete archive policy", "role:admin"},

    {"create archive policy rule", "role:admin"},
    {"get archive policy rule", ""},
    {"list archive policy rule", ""},
    {"update archive policy rule", "role:admin"},
    {"delete archive policy rule", "role:admin"},

    {"create metric", ""},
    {"delete metric", "rule:admin_or_creator"},
    {"get metric", "rule:admin_or_service or rule:creator or rule:metric_owner"},
    {"search metric", "rule:admin_or_creator or rule:metric_owner"},
    {"list metric", "rule:admin_or_creator or rule:metric_owner"},

    {"get measures", "rule:admin_or_service or rule:creator or rule:metric_owner"},
    {"post measures", "rule:admin_or_service or rule:creator"},
    {"delete measures", "rule:admin_or_creator"},  // not of Gnocchi's rules
};

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> default_rules() noexcept {
  return kRules;
}

}  // namespace gnocchi::policy
