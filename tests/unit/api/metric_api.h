#pragma once

#include "core/index/resource_id.h"
#include "tests/unit/api/resource_api.h"

namespace gnocchi::api {

/// The routes of metrics, measures and batches too.
class MetricApi : public ResourceApi {
 protected:
  MetricApi() {
    add_metric_routes(router_, services_);
    add_measures_routes(router_, services_);
    add_batch_routes(router_, services_);
    add_aggregates_routes(router_, services_);
    add_aggregation_routes(router_, services_);
    add_metric_search_routes(router_, services_);
  }

  /// The id of a new metric of policy "low".
  std::string new_metric(const Identity& who = user("foobar"), const std::string& more = {}) {
    const Answer answer =
        ask("POST", "/v1/metric", R"({"archive_policy_name": "low")" + more + "}", who);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.status == 201 ? answer.json()["id"].GetString() : std::string{};
  }

  /// Bundles waiting to be processed.
  std::uint64_t pending() { return incoming_.report(false).bundles; }
};

}  // namespace gnocchi::api
