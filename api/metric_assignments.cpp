#include "api/metric_assignments.h"

#include "api/metric_lookup.h"
#include "api/rights.h"
#include "core/index/resource_id.h"

namespace gnocchi::api {
namespace {

class AssignmentReader {
 public:
  AssignmentReader(const Request& request, const std::optional<std::string>& creator,
                   Services& services)
      : request_(request), creator_(creator), services_(services) {}

  MetricAssignment read(std::string_view name, const JsonView& json) {
    MetricAssignment assignment{std::string(name), std::nullopt, std::nullopt};
    if (json.value().IsObject()) {
      assignment.created = read_definition(assignment.name, json);
      return assignment;
    }
    const auto id = json.value().IsString() ? Uuid::parse(json.text()) : std::nullopt;
    if (!id) json.refuse("not a valid value");
    assignment.existing = MetricId(*id);
    return assignment;
  }

 private:
  NewMetric read_definition(const std::string& name, const JsonView& json) {
    json.allow_only(
        {"archive_policy_name", "resource_id", "name", "unit", "user_id", "project_id"});
    NewMetric metric;
    metric.id = MetricId(Uuid::random());
    metric.creator = creator_;
    metric.name = name;
    const auto policy = json.find("archive_policy_name");
    if (policy) metric.archive_policy_name = policy->text();
    if (const auto unit = json.find("unit")) {
      metric.unit = unit->text();
      if (index::count_characters(*metric.unit) > kMaxMetricUnit) {
        unit->refuse("length of value must be at most " + std::to_string(kMaxMetricUnit));
      }
    }
    check_metric_name(name, services_);
    if (index::count_characters(name) > kMaxMetricName) {
      json.refuse("length of metric name must be at most " + std::to_string(kMaxMetricName));
    }
    if (!policy) metric.archive_policy_name = archive_policy_by_rule(services_, name);
    enforce(services_, "create metric",
            {{"creator", request_.identity.creator},
             {"archive_policy_name", metric.archive_policy_name},
             {"name", metric.name},
             {"unit", metric.unit}},
            request_);
    return metric;
  }

  const Request& request_;
  const std::optional<std::string>& creator_;
  Services& services_;
};

}  // namespace

std::vector<MetricAssignment> parse_metric_assignments(const JsonView& json, const Request& request,
                                                       const std::optional<std::string>& creator,
                                                       Services& services) {
  if (!json.value().IsObject()) json.refuse("expected a dictionary");
  AssignmentReader reader(request, creator, services);
  std::vector<MetricAssignment> assignments;
  json.each_member([&](std::string_view name, const JsonView& definition) {
    assignments.push_back(reader.read(name, definition));
  });
  return assignments;
}

}  // namespace gnocchi::api
