#pragma once

#include <string>
#include <vector>

#include "api/aggregates_body.h"
#include "api/cross_query.h"
#include "api/ranking.h"

/// POST /v1/aggregates.
namespace gnocchi::api {

struct AggregatesRequest {
  const Request& http;
  bool details = false;      ///< with what the results were made of
  bool use_history = false;  ///< groups by what attributes were at the time of each point
  CrossQuery query;
  std::vector<std::string> groupby;
  Ranking ranking;
  AggregatesBody body;
};

/// References are ids.
void aggregate_metrics(const AggregatesRequest& request, Services& services, Response& response);
/// References are names, or patterns of names, of metrics of the resources that a search finds.
void aggregate_resources(const AggregatesRequest& request, Services& services, Response& response);

}  // namespace gnocchi::api
