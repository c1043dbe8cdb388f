// Whatever stands in a rule, it is refused or decides; and where it compiles to rows, rows are
// never shown that asking one by one would refuse.
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "core/policy/row_match.h"
#include "core/policy/rule_set.h"
#include "core/policy/targets.h"
#include "gnocchi/error.h"

namespace {

using namespace gnocchi;

Metric metric_of(const char* creator, const char* project) {
  Metric metric;
  metric.archive_policy_name = "low";
  metric.creator = creator;
  metric.name = "cpu";
  metric.resource_id = ResourceId{};
  metric.resource = ResourceBase{};
  metric.resource->type = "generic";
  if (project) metric.resource->project_id = project;
  return metric;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  const std::string_view text(reinterpret_cast<const char*>(data), size_bytes);
  std::map<std::string, policy::Check, std::less<>> rules;
  try {
    rules["asked"] = policy::parse_rule(text);
    rules["other"] = policy::parse_rule(std::string_view{"user:%(creator)s"});
  } catch (const Refused&) {
    return 0;
  }
  Identity who;
  who.creator = "u:p";
  who.user_id = "u";
  who.project_id = "p";
  who.roles = {"member"};
  try {
    const policy::RuleSet set{std::move(rules), "default"};
    const auto visible = set.visible("asked", who, policy::RowKind::metric);
    for (const Metric& metric :
         {metric_of("u:p", "p"), metric_of("u", nullptr), metric_of("", "x")}) {
      const auto* filter = std::get_if<Filter>(&visible);
      const bool shown = std::holds_alternative<policy::Everything>(visible) ||
                         (filter && policy::matches(*filter, metric));
      if (shown && !set.allows("asked", policy::target_of(metric), who)) std::abort();
    }
  } catch (const Error& error) {
    if (error.code() != Error::Code::invalid_config) std::abort();
  }
  return 0;
}
