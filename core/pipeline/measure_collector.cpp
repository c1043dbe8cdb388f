#include "core/pipeline/measure_collector.h"

#include <utility>

#include "core/index/resource_id.h"

namespace gnocchi::pipeline {

std::size_t MeasureCollector::resource(std::string_view original_id) {
  const auto known = originals_.find(original_id);
  if (known != originals_.end()) return known->second;
  const ResourceId id = index::resource_id(original_id, creator_);
  const auto [position, is_new] = ids_.emplace(id, resources_.size());
  originals_.emplace(original_id, position->second);
  if (is_new) {
    resources_.push_back({std::string(original_id), id, {}});
    names_.emplace_back();
  }
  return position->second;
}

std::vector<Measure>& MeasureCollector::measures(std::size_t resource, std::string_view name) {
  auto& metrics = resources_[resource].metrics;
  const auto known = names_[resource].find(name);
  if (known != names_[resource].end()) return metrics[known->second].measures;
  names_[resource].emplace(name, metrics.size());
  return metrics.emplace_back(NamedMeasures{std::string(name), {}, {}, {}}).measures;
}

std::vector<ResourceMeasures> MeasureCollector::take() {
  names_.clear();
  originals_.clear();
  ids_.clear();
  return std::exchange(resources_, {});
}

}  // namespace gnocchi::pipeline
