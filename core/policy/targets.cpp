#include "core/policy/targets.h"

#include "gnocchi/naming.h"

namespace gnocchi::policy {
namespace {

void add_base(Target& target, const std::string& prefix, const ResourceBase& resource) {
  target[prefix + "id"] = resource.id.to_string();
  target[prefix + "type"] = resource.type;
  target[prefix + "user_id"] = resource.user_id;
  target[prefix + "project_id"] = resource.project_id;
  target[prefix + "original_resource_id"] = resource.original_resource_id;
  add_creator(target, prefix, resource.creator);
}

std::optional<std::string> text_of(const Value& value) {
  struct Text {
    std::optional<std::string> operator()(std::monostate) const { return std::nullopt; }
    std::optional<std::string> operator()(bool v) const { return v ? "True" : "False"; }
    std::optional<std::string> operator()(std::int64_t v) const { return std::to_string(v); }
    std::optional<std::string> operator()(double v) const { return std::to_string(v); }
    std::optional<std::string> operator()(const std::string& v) const { return v; }
    std::optional<std::string> operator()(const Uuid& v) const { return v.to_string(); }
    std::optional<std::string> operator()(Timestamp v) const {
      return python_seconds(v.time_since_epoch());
    }
  };
  return std::visit(Text{}, value);
}

}  // namespace

void add_creator(Target& target, const std::string& prefix,
                 const std::optional<std::string>& creator) {
  target[prefix + "creator"] = creator;
  auto& user = target[prefix + "created_by_user_id"];
  auto& project = target[prefix + "created_by_project_id"];
  if (!creator) return;
  const std::size_t colon = creator->find(':');
  user = creator->substr(0, colon);
  project = colon == std::string::npos ? std::string{} : creator->substr(colon + 1);
}

Target target_of(const Resource& resource) {
  Target target;
  for (const auto& [name, value] : resource.attributes) target[name] = text_of(value);
  add_base(target, {}, resource);
  return target;
}

Target target_of(const Metric& metric) {
  Target target;
  target["id"] = metric.id.to_string();
  target["name"] = metric.name;
  target["unit"] = metric.unit;
  target["archive_policy_name"] = metric.archive_policy_name;
  target["archive_policy.name"] = metric.archive_policy_name;
  target["resource_id"] =
      metric.resource_id ? std::optional{metric.resource_id->to_string()} : std::nullopt;
  add_creator(target, {}, metric.creator);
  if (metric.resource) add_base(target, "resource.", *metric.resource);
  return target;
}

}  // namespace gnocchi::policy
