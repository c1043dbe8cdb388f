#include "api/batch_metrics.h"

#include <algorithm>
#include <utility>

#include "api/rights.h"
#include "core/policy/row_match.h"
#include "core/policy/targets.h"

namespace gnocchi::api {

void enforce_post_measures(std::span<const Metric> metrics, const Request& request,
                           const Services& services) {
  // The rule, compiled once for this asker, settles nearly every metric without asking it anew.
  const auto visibility =
      services.policy.visible("post measures", request.identity, policy::RowKind::metric);
  if (std::holds_alternative<policy::Everything>(visibility)) return;
  const auto* filter = std::get_if<Filter>(&visibility);
  for (const Metric& metric : metrics) {
    if (filter && policy::matches(*filter, metric)) continue;
    enforce(services, "post measures", policy::target_of(metric), request);
  }
}

BatchMetrics::BatchMetrics(std::vector<ResourceMeasures> bodies) : bodies_(std::move(bodies)) {
  names_.resize(bodies_.size());
  for (std::size_t r = 0; r < bodies_.size(); ++r) {
    positions_.emplace(bodies_[r].id, r);
    const auto& metrics = bodies_[r].metrics;
    names_[r].reserve(metrics.size());
    for (std::size_t n = 0; n < metrics.size(); ++n) {
      names_[r].emplace(metrics[n].name, n);
      entries_.push_back({r, n});
    }
  }
  missing_ = entries_;
}

NamedMetric BatchMetrics::name_of(const Entry& entry) const {
  return {bodies_[entry.resource].id, body(entry).name};
}

void BatchMetrics::look_up(Services& services) {
  std::vector<NamedMetric> names;
  names.reserve(missing_.size());
  for (const Entry& entry : missing_) names.push_back(name_of(entry));
  add(services.indexer.metrics().get_named(names, true));
}

void BatchMetrics::add(std::vector<Metric> created) {
  std::vector<std::vector<char>> have(bodies_.size());
  for (std::size_t r = 0; r < bodies_.size(); ++r) have[r].resize(bodies_[r].metrics.size());
  const auto note = [&](const Metric& metric) {
    if (!metric.resource_id || !metric.name) return false;
    const auto resource = positions_.find(*metric.resource_id);
    if (resource == positions_.end()) return false;
    // A database may find names that differ in case; those are other metrics.
    const auto name = names_[resource->second].find(*metric.name);
    if (name == names_[resource->second].end()) return false;
    have[resource->second][name->second] = 1;
    return true;
  };
  for (Metric& metric : created) {
    if (note(metric)) found_.push_back(std::move(metric));
  }
  std::erase_if(missing_,
                [&](const Entry& entry) { return have[entry.resource][entry.name] != 0; });
}

std::vector<std::string> BatchMetrics::missing_names() const {
  std::vector<std::string> names;
  for (const Entry& entry : missing_) {
    names.push_back(bodies_[entry.resource].id.to_string() + "/" + body(entry).name);
  }
  return names;
}

std::vector<pipeline::MetricMeasures> BatchMetrics::take_measures() {
  std::vector<pipeline::MetricMeasures> result;
  result.reserve(found_.size());
  for (const Metric& metric : found_) {
    const std::size_t resource = positions_.at(*metric.resource_id);
    const std::size_t name = names_[resource].at(*metric.name);
    result.push_back({metric.id, std::move(bodies_[resource].metrics[name].measures)});
  }
  return result;
}

}  // namespace gnocchi::api
