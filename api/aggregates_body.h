#pragma once

#include <optional>
#include <string>

#include "api/http.h"
#include "core/index/filter_tree.h"
#include "core/index/resource_id.h"
#include "core/query/operation.h"

namespace gnocchi::api {

/// What POST /v1/aggregates is asked to compute: {"operations": text or nested lists}, and, where
/// names of metrics are meant, {"resource_type": ..., "search": text or JSON}.
struct AggregatesBody {
  query::Program program;                    ///< with one reference at least
  std::optional<std::string> resource_type;  ///< not set: references are ids of metrics
  std::optional<index::FilterTree> search;   ///< not set: all resources
};

/// Throws HttpError 415 and 400: {"cause": "Invalid operations", ...} for a text that cannot be
/// parsed, {"cause": "Invalid input", ...} for what is no operation or no search, {"cause":
/// "Operations is invalid", ...} where there is no metric in it.
AggregatesBody read_aggregates_body(const Request& request, const index::IdRules& rules);

}  // namespace gnocchi::api
