#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/http.h"
#include "api/services.h"
#include "core/index/filter_tree.h"
#include "core/query/computation.h"
#include "gnocchi/indexer.h"

/// Metrics found by a search for their resources and by their names, and grouped.
namespace gnocchi::api {

/// A metric by the position of its row, and the reference whose name it matches.
struct FoundMetric {
  std::size_t row = 0;
  std::size_t reference = 0;
};

/// Metrics of equal keys. Without anything to group by there is one group, without a key.
struct MetricGroup {
  std::vector<Value> key;
  std::vector<FoundMetric> found;
};

/// What groups are made by: an attribute of the resource, or "metric.name", "metric.unit".
class GroupBy {
 public:
  /// Adds what it needs to know of resources, and their order, to the query. Throws
  /// Refused{invalid_value, pagination} for names that are no attributes of the type.
  GroupBy(std::vector<std::string> names, const ResourceType& type, ResourceMetricQuery& query);

  const std::vector<std::string>& names() const noexcept { return names_; }
  /// Whether anything of metrics is among the names.
  bool of_metrics() const noexcept;
  std::vector<Value> key_of(const ResourceMetric& row) const;

 private:
  std::vector<std::string> names_;
};

/// A query for metrics of these names (fnmatch patterns) of the resources that match and that the
/// asker may search, at most one row more than one request may aggregate. Throws HttpError 403.
ResourceMetricQuery metric_search(const Request& request, const Services& services,
                                  const ResourceType& type,
                                  const std::optional<index::FilterTree>& search,
                                  const std::vector<std::string>& names, bool history = false);

/// Runs it. Throws HttpError 400 {"cause": "Too many metrics", ...}, and what the index refuses.
std::vector<ResourceMetric> find_metrics(const ResourceMetricQuery& query, Services& services);

/// Which rows each reference has found, in order of resources, then of references. Groups are in
/// the order of the index, or, if they are made by anything of metrics, of their keys.
std::vector<MetricGroup> group_metrics(std::span<const ResourceMetric> rows, const GroupBy& by,
                                       const std::vector<query::Reference>& references);

/// All rows, found by one reference.
std::vector<MetricGroup> group_metrics(std::span<const ResourceMetric> rows, const GroupBy& by);

/// The groups and, without metrics, those that the other resources of the search make, in the order
/// of the index. Throws HttpError 400 {"cause": "Too many groups", ...}.
std::vector<MetricGroup> all_groups(std::vector<MetricGroup> groups,
                                    const ResourceMetricQuery& query, Services& services);

/// The same as sources of a computation.
class SourceMaker {
 public:
  SourceMaker(std::span<const ResourceMetric> rows, Services& services)
      : rows_(rows), services_(services) {}
  query::SourceGroup make(const std::vector<FoundMetric>& found, const query::Range& window);

 private:
  std::span<const ResourceMetric> rows_;
  Services& services_;
  std::map<std::string, std::shared_ptr<const ArchivePolicy>> policies_;
};

}  // namespace gnocchi::api
