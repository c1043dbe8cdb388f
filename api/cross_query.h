#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/http.h"
#include "api/services.h"
#include "core/query/computation.h"

/// Parameters of requests that compute across metrics.
namespace gnocchi::api {

struct CrossQuery {
  query::Range range;
  std::optional<Timespan> granularity;
  query::Gaps gaps;

  /// With the server's limits.
  query::Computation computation(const query::Program& program, const Services& services) const;
};

/// needed_overlap, start, stop, granularity, fill. Throws HttpError 400 {"cause": "Argument value
/// error", ...}.
CrossQuery read_cross_query(const Request& request, const Services& services);

/// The attributes to group by, each once, in order of their names.
std::vector<std::string> read_groupby(const Request& request);

/// Throws HttpError 400 {"cause": "Argument value error", "detail": name, "reason": reason}.
[[noreturn]] void refuse_parameter(const char* name, const std::string& reason);

}  // namespace gnocchi::api
