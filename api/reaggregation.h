#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "api/cross_query.h"
#include "api/services.h"
#include "core/query/computation.h"

/// What requests of /v1/aggregation ask of groups of metrics.
namespace gnocchi::api {

struct AggregationQuery {
  CrossQuery query;
  std::string aggregation;    ///< of each metric
  std::string reaggregation;  ///< across metrics
  std::optional<query::Sampling> resampling;
  std::string resample;  ///< the same as sent
  bool refresh = false;
};

/// The parameters of read_cross_query(), aggregation, reaggregation, resample and refresh. Throws
/// HttpError 400.
AggregationQuery read_aggregation_query(const Request& request, const Services& services);

/// Aggregates groups of metrics; a metric that is alone in its group is given as it is.
class Reaggregation {
 public:
  /// Refreshes where asked to, and reads all groups. `wanted` must outlive it. Throws HttpError
  /// 400, 404 and 503.
  Reaggregation(const AggregationQuery& wanted, std::vector<query::SourceGroup> groups,
                Services& services);

  /// Too much was pending to be looked at.
  bool pending_left_out() const;

  /// Writes the rows of the next group, in order. Throws HttpError 400.
  void write_next(std::string& out);

 private:
  void read_alone();
  void write_alone(std::string& out);
  void read_together();
  std::vector<ArchivePolicyItem> items_of(const query::Source& source) const;
  template <class F>
  auto computed(F compute) -> decltype(compute());

  const AggregationQuery& wanted_;
  const std::vector<query::SourceGroup> groups_;
  Services& services_;
  std::vector<query::SourceGroup> alone_, together_;
  query::Reading alone_reading_;  ///< of alone_, a series for each granularity
  query::Program program_;
  std::optional<query::Computation> computation_;
  std::optional<query::Results> results_;
  std::size_t next_ = 0, next_alone_ = 0, next_series_ = 0, next_together_ = 0;
};

}  // namespace gnocchi::api
