#include "api/cross_errors.h"

#include "api/json.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {

HttpError cross_refusal(int status, std::string_view cause, std::string_view reason,
                        const std::vector<std::string>& details) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text(cause);
  if (!reason.empty()) {
    json.key("reason");
    json.text(reason);
  }
  json.key("detail");
  json.begin_array();
  for (const auto& one : details) json.raw(one);
  json.end_array();
  json.end_object();
  return HttpError(status, std::move(detail));
}

HttpError not_aggregable(const query::NotAggregable& fault, const SourceNames& names) {
  std::vector<std::string> details;
  details.reserve(fault.sources.size());
  for (const std::size_t source : fault.sources) {
    details.push_back(json_pair(names(fault, source)));
    if (!fault.granularity) continue;
    details.back().pop_back();
    details.back() += ", " + python_seconds(*fault.granularity) + "]";
  }
  return cross_refusal(400, "Metrics can't being aggregated", fault.what(), details);
}

HttpError unknown_method(const MetricId& metric, const std::string& method) {
  return cross_refusal(404, "Metrics with unknown aggregation", {},
                       {json_pair({metric.to_string(), method})});
}

HttpError too_many_points(const query::TooManyPoints& fault) {
  return cross_refusal(400, "Too many points",
                       std::string("The request would take ") + fault.what() +
                           ", more than [api] max_aggregated_points allows",
                       {});
}

std::string json_pair(const SourceName& name) {
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  json.text(name.first);
  json.text(name.second);
  json.end_array();
  return text;
}

std::string json_text(std::string_view text) {
  std::string quoted;
  JsonWriter(quoted).text(text);
  return quoted;
}

}  // namespace gnocchi::api
