#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/index/metric_cache.h"
#include "core/index/resource_id.h"
#include "core/pipeline/ingest.h"
#include "gnocchi/indexer.h"

namespace gnocchi::pipeline {

/// Measures for a metric that its resource knows by name.
struct NamedMeasures {
  std::string name;
  std::optional<std::string> archive_policy_name, unit;  ///< to create the metric with
  std::vector<Measure> measures;
};

struct ResourceMeasures {
  std::string original_id;  ///< as the client wrote it
  ResourceId id;
  std::vector<NamedMeasures> metrics;  ///< each name once
};

/// Measures by resource and name, and the metrics found for them.
class NamedBatch {
 public:
  /// One metric of the batch.
  struct Entry {
    std::size_t resource = 0;  ///< index into bodies()
    std::size_t name = 0;      ///< index into its metrics
  };

  /// Each resource once.
  explicit NamedBatch(std::vector<ResourceMeasures> bodies);

  bool empty() const noexcept { return entries_ == 0; }
  const std::vector<ResourceMeasures>& bodies() const noexcept { return bodies_; }
  const NamedMeasures& body(const Entry& entry) const {
    return bodies_[entry.resource].metrics[entry.name];
  }
  NamedMetric name_of(const Entry& entry) const;

  /// Finds the metrics of all entries still missing, in one query for those that are not cached.
  void look_up(index::MetricCache& metrics);
  /// The same for those whose resources have another id in the index than the client thinks:
  /// `rules` are those by which the bodies' ids were made. Two queries, only if some are missing.
  void look_up_aliases(ResourceIndex& resources, index::MetricCache& metrics,
                       const index::IdRules& rules);
  /// Notes that the missing entries of `created` exist now.
  void add(std::vector<index::MetricCache::MetricPtr> created);
  /// Takes entries out of the missing ones; their measures are not stored.
  void leave_out(std::span<const Entry> entries);

  bool looked_up() const noexcept { return looked_up_; }
  const std::vector<index::MetricCache::MetricPtr>& found() const noexcept { return found_; }
  /// Those of a resource stand together.
  const std::vector<Entry>& missing() const noexcept { return missing_; }
  /// "resource id/name" of each missing entry, the id as the client has it.
  std::vector<std::string> missing_names() const;

  /// The measures of all found metrics; the bodies are empty afterwards.
  std::vector<MetricMeasures> take_measures();
  /// What it was made of, to be tried again another time.
  std::vector<ResourceMeasures> take_bodies() { return std::exchange(bodies_, {}); }

 private:
  using Marks = std::vector<std::vector<char>>;  // by resource and name
  Marks no_marks() const;
  void remove_missing(const Marks& marks);
  void number();
  void index();
  void rename(std::size_t resource, const ResourceId& stored);

  std::vector<ResourceMeasures> bodies_;
  std::unordered_map<ResourceId, ResourceId> asked_;  ///< the clients' ids of renamed resources
  std::size_t entries_ = 0;
  bool looked_up_ = false;
  std::unordered_map<ResourceId, std::size_t> positions_;
  std::vector<std::unordered_map<std::string_view, std::size_t>> names_;  ///< by resource
  std::vector<index::MetricCache::MetricPtr> found_;
  std::vector<Entry> places_;  ///< of found_, in the bodies
  std::vector<Entry> missing_;
};

}  // namespace gnocchi::pipeline
