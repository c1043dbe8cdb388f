#include "api/cross_query.h"

#include <algorithm>

#include "api/errors.h"
#include "api/measures.h"
#include "core/index/timespan.h"

namespace gnocchi::api {

query::Computation CrossQuery::computation(const query::Program& program,
                                           const Services& services) const {
  const auto points = services.config.integer("api", "max_aggregated_points");
  return {program, range, granularity, gaps, static_cast<std::size_t>(points)};
}

CrossQuery read_cross_query(const Request& request, const Services& services) {
  CrossQuery query;
  const auto overlap = request.query.get("needed_overlap");
  if (overlap) {
    const auto number = index::parse_float(*overlap);
    if (!number) refuse_parameter("needed_overlap", "Must be a number");
    query.gaps.needed_overlap = *number;
  }
  query.range = {read_time(request, "start", services), read_time(request, "stop", services)};
  query.granularity = read_granularity(request);
  if (const auto fill = request.query.get("fill")) {
    const auto gaps = query::Gaps::parse(*fill);
    if (!gaps) refuse_parameter("fill", "Must be a float, 'dropna' or 'null'");
    query.gaps = *gaps;
  }
  return query;
}

std::vector<std::string> read_groupby(const Request& request) {
  auto names = request.query.get_all("groupby");
  std::erase(names, "");
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void refuse_parameter(const char* name, const std::string& reason) {
  throw HttpError(400, cause_detail_reason("Argument value error", name, reason));
}

}  // namespace gnocchi::api
