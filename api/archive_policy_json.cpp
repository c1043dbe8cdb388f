#include "api/archive_policy_json.h"

#include "api/python_text.h"

namespace gnocchi::api {

void write_archive_policy(JsonWriter& json, const ArchivePolicy& policy) {
  json.begin_object();
  json.key("name");
  json.text(policy.name);
  json.key("back_window");
  json.number(std::int64_t{policy.back_window});
  json.key("definition");
  json.begin_array();
  for (const auto& item : policy.definition) {
    json.begin_object();
    json.key("timespan");
    if (item.timespan) {
      json.text(python_timedelta(*item.timespan));
    } else {
      json.null();
    }
    json.key("granularity");
    json.text(python_timedelta(item.granularity));
    json.key("points");
    if (item.points) {
      json.number(static_cast<std::int64_t>(*item.points));
    } else {
      json.null();
    }
    json.end_object();
  }
  json.end_array();
  json.key("aggregation_methods");
  json.begin_array();
  for (const auto& method : policy.aggregation_methods) json.text(method);
  json.end_array();
  json.end_object();
}

}  // namespace gnocchi::api
