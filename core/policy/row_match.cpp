#include "core/policy/row_match.h"

#include <algorithm>
#include <string_view>

namespace gnocchi::policy {
namespace {

Value text_or_null(const std::optional<std::string>& text) { return text ? Value{*text} : Value{}; }

Value part_of_creator(const std::optional<std::string>& creator, bool project) {
  if (!creator) return {};
  const std::size_t colon = creator->find(':');
  if (!project) return creator->substr(0, colon);
  return colon == std::string::npos ? std::string{} : creator->substr(colon + 1);
}

Value resource_field(const ResourceBase& resource, std::string_view field) {
  if (field == "id") return Uuid(resource.id);
  if (field == "type") return resource.type;
  if (field == "creator") return text_or_null(resource.creator);
  if (field == "created_by_user_id") return part_of_creator(resource.creator, false);
  if (field == "created_by_project_id") return part_of_creator(resource.creator, true);
  if (field == "user_id") return text_or_null(resource.user_id);
  if (field == "project_id") return text_or_null(resource.project_id);
  if (field == "original_resource_id") return text_or_null(resource.original_resource_id);
  return {};
}

Value field_of(const Metric& metric, std::string_view field) {
  constexpr std::string_view kPrefix = "resource.";
  if (field.starts_with(kPrefix)) {
    if (!metric.resource) return {};
    return resource_field(*metric.resource, field.substr(kPrefix.size()));
  }
  if (field == "id") return Uuid(metric.id);
  if (field == "name") return text_or_null(metric.name);
  if (field == "unit") return text_or_null(metric.unit);
  if (field == "archive_policy_name") return metric.archive_policy_name;
  if (field == "creator") return text_or_null(metric.creator);
  if (field == "created_by_user_id") return part_of_creator(metric.creator, false);
  if (field == "created_by_project_id") return part_of_creator(metric.creator, true);
  if (field == "resource_id" && metric.resource_id) return Uuid(*metric.resource_id);
  return {};
}

}  // namespace

bool matches(const Filter& filter, const Metric& metric) {
  const auto holds = [&](const Filter& child) { return matches(child, metric); };
  switch (filter.op) {
    case Filter::Op::all_of:
      return std::all_of(filter.children.begin(), filter.children.end(), holds);
    case Filter::Op::any_of:
      return std::any_of(filter.children.begin(), filter.children.end(), holds);
    case Filter::Op::eq: return field_of(metric, filter.field) == filter.values.front();
    case Filter::Op::ne: return field_of(metric, filter.field) != filter.values.front();
    default:
      // Rules compile to nothing else.
      return false;
  }
}

}  // namespace gnocchi::policy
