#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "api/aggregates.h"
#include "api/cross_answer.h"
#include "api/cross_errors.h"
#include "api/metric_search.h"
#include "api/revisions.h"

namespace gnocchi::api {

/// What POST /v1/aggregates finds and computes of resources: groups of metrics, or, with
/// use_history, stays of resources in groups.
class SearchedGroups {
 public:
  /// Searches and reads. Throws HttpError 400, 403 and 404.
  SearchedGroups(const AggregatesRequest& request, Services& services);

  /// Not empty.
  const std::vector<MetricGroup>& groups() const { return groups_; }
  const std::vector<ResourceMetric>& rows() const { return rows_; }
  const ResourceMetricQuery& query() const { return query_; }
  std::size_t max_points() const { return computation_.max_points; }

  /// The results of a group, once; with use_history there may be none. Throws HttpError 400.
  std::vector<query::Frame> frames_of(std::size_t group);

  /// Too much was pending to be looked at.
  bool pending_left_out() const { return results_->pending_left_out(); }

  /// Where a series of a group stands in the answer.
  SeriesPath path_of(std::size_t group, std::size_t source) const;
  /// The revision of a row; -1: the current one.
  std::int64_t revision_of(std::size_t row) const;

 private:
  GroupBy group_by(const ResourceType& type);
  void settle_stays();
  void read();
  std::vector<query::Frame> sum_of_stays(std::size_t group);
  template <class F>
  auto guarded(F compute) -> decltype(compute());
  SourceName name_of(const query::NotAggregable& fault, std::size_t source) const;

  const AggregatesRequest& request_;
  Services& services_;
  const std::vector<query::Reference>& references_;
  const query::Computation computation_;
  ResourceMetricQuery query_;
  std::vector<ResourceMetric> rows_;
  std::vector<MetricGroup> groups_;
  std::vector<Stay> stays_;               ///< without use_history one for each group
  std::vector<std::size_t> first_stays_;  ///< with use_history: of each group, and the end
  std::vector<query::SourceGroup> sources_;
  std::unique_ptr<query::Results> results_;
};

/// 400 {"cause": "Metrics not found", "detail": [names]}.
[[noreturn]] void refuse_not_found(const std::vector<query::Reference>& references);

}  // namespace gnocchi::api
