#include "api/moving_average.h"

#include "api/errors.h"
#include "api/pagination.h"
#include "core/index/timespan.h"
#include "gnocchi/error.h"

namespace gnocchi::api {

std::optional<query::MovingAverage> read_moving_average(const Request& request) {
  if (request.query.get("aggregation") != kMovingAverage) return std::nullopt;
  const auto window = request.query.get("window");
  if (!window) throw HttpError(400, "Moving aggregate must have window specified.");
  query::MovingAverage how;
  try {
    how.window = index::to_timespan(*window);
  } catch (const Refused&) {
    throw HttpError(400, "Invalid value for window");
  }
  // Whatever is not true is false here.
  how.centred = parse_truth(request.query.get("center").value_or("")).value_or(false);
  return how;
}

void keep_fitting(std::vector<ArchivePolicyItem>& items, Timespan window) {
  std::erase_if(items, [window](const ArchivePolicyItem& item) {
    return window % item.granularity != Timespan::zero();
  });
}

timeseries::Series moving_average_of(std::span<const ArchivePolicyItem> items,
                                     std::span<const timeseries::Series> series,
                                     const query::MovingAverage& how) {
  for (std::size_t i = items.size(); i-- > 0;) {
    if (series[i].empty()) continue;
    return query::moving_average(series[i], items[i].granularity, how);
  }
  throw HttpError(400,
                  "No data available that is either full-res or of a granularity that factors into "
                  "the window size you specified.");
}

}  // namespace gnocchi::api
