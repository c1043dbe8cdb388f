#include "core/pipeline/named_batch.h"

#include <algorithm>
#include <utility>

#include "core/index/known_ids.h"

namespace gnocchi::pipeline {

NamedBatch::NamedBatch(std::vector<ResourceMeasures> bodies) : bodies_(std::move(bodies)) {
  number();
}

/// Counts the entries anew from the bodies; all of them are missing.
void NamedBatch::number() {
  positions_.clear();
  names_.clear();
  missing_.clear();
  for (std::size_t r = 0; r < bodies_.size(); ++r) {
    for (std::size_t n = 0; n < bodies_[r].metrics.size(); ++n) missing_.push_back({r, n});
  }
  entries_ = missing_.size();
}

/// Makes what entries are found by: not needed where the cache knows all of them.
void NamedBatch::index() {
  if (!names_.empty()) return;
  names_.resize(bodies_.size());
  for (std::size_t r = 0; r < bodies_.size(); ++r) {
    const auto& metrics = bodies_[r].metrics;
    if (!metrics.empty()) positions_.emplace(bodies_[r].id, r);
    names_[r].reserve(metrics.size());
    for (std::size_t n = 0; n < metrics.size(); ++n) names_[r].emplace(metrics[n].name, n);
  }
}

NamedMetric NamedBatch::name_of(const Entry& entry) const {
  return {bodies_[entry.resource].id, body(entry).name};
}

void NamedBatch::look_up(index::MetricCache& metrics) {
  std::vector<NamedMetric> names;
  names.reserve(missing_.size());
  for (const Entry& entry : missing_) names.push_back(name_of(entry));
  auto known = metrics.get_named(names);
  std::vector<Entry> unknown;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i]) {
      found_.push_back(std::move(known[i]));
      places_.push_back(missing_[i]);
    } else {
      unknown.push_back(missing_[i]);
    }
  }
  missing_ = std::move(unknown);
  looked_up_ = true;
}

void NamedBatch::look_up_aliases(ResourceIndex& resources_index, index::MetricCache& metrics,
                                 const index::IdRules& rules) {
  index();
  std::vector<std::size_t> resources;
  std::vector<index::IdCandidates> ids;
  for (const Entry& entry : missing_) {
    if (!resources.empty() && resources.back() == entry.resource) continue;
    resources.push_back(entry.resource);
    ids.push_back(index::id_candidates(bodies_[entry.resource].original_id, rules));
  }
  const auto known = index::known_ids(resources_index, ids);
  bool renamed = false;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const auto stored = known.choose(ids[i]);
    if (!stored || *stored == bodies_[resources[i]].id) continue;
    rename(resources[i], *stored);
    renamed = true;
  }
  if (!renamed) return;
  number();
  places_.clear();
  add(std::exchange(found_, {}));
  look_up(metrics);
}

/// The measures of one resource that the client calls by two names become one list.
void NamedBatch::rename(std::size_t resource, const ResourceId& stored) {
  ResourceMeasures& body = bodies_[resource];
  const auto [same, is_new] = positions_.emplace(stored, resource);
  if (is_new) {
    asked_.emplace(stored, body.id);
    body.id = stored;
    return;
  }
  auto& metrics = bodies_[same->second].metrics;
  for (NamedMeasures& metric : body.metrics) {
    const auto twin = std::find_if(metrics.begin(), metrics.end(),
                                   [&](const auto& other) { return other.name == metric.name; });
    if (twin == metrics.end()) {
      metrics.push_back(std::move(metric));
    } else {
      twin->measures.insert(twin->measures.end(), metric.measures.begin(), metric.measures.end());
    }
  }
  body.metrics.clear();
}

NamedBatch::Marks NamedBatch::no_marks() const {
  Marks marks(bodies_.size());
  for (std::size_t r = 0; r < bodies_.size(); ++r) marks[r].resize(bodies_[r].metrics.size());
  return marks;
}

void NamedBatch::remove_missing(const Marks& marks) {
  std::erase_if(missing_,
                [&](const Entry& entry) { return marks[entry.resource][entry.name] != 0; });
}

void NamedBatch::add(std::vector<index::MetricCache::MetricPtr> created) {
  index();
  Marks have = no_marks();
  const auto note = [&](const Metric& metric) {
    if (!metric.resource_id || !metric.name) return false;
    const auto resource = positions_.find(*metric.resource_id);
    if (resource == positions_.end()) return false;
    // A database may find names that differ in case; those are other metrics.
    const auto name = names_[resource->second].find(*metric.name);
    if (name == names_[resource->second].end()) return false;
    have[resource->second][name->second] = 1;
    places_.push_back({resource->second, name->second});
    return true;
  };
  for (auto& metric : created) {
    if (note(*metric)) found_.push_back(std::move(metric));
  }
  remove_missing(have);
}

void NamedBatch::leave_out(std::span<const Entry> entries) {
  Marks out = no_marks();
  for (const Entry& entry : entries) out[entry.resource][entry.name] = 1;
  remove_missing(out);
}

std::vector<std::string> NamedBatch::missing_names() const {
  std::vector<std::string> names;
  for (const Entry& entry : missing_) {
    const ResourceId& id = bodies_[entry.resource].id;
    const auto asked = asked_.find(id);
    names.push_back((asked == asked_.end() ? id : asked->second).to_string() + "/" +
                    body(entry).name);
  }
  return names;
}

std::vector<MetricMeasures> NamedBatch::take_measures() {
  std::vector<MetricMeasures> result;
  result.reserve(found_.size());
  for (std::size_t i = 0; i < found_.size(); ++i) {
    auto& body = bodies_[places_[i].resource].metrics[places_[i].name];
    result.push_back({found_[i]->id, std::move(body.measures)});
  }
  return result;
}

}  // namespace gnocchi::pipeline
