#pragma once

#include <optional>
#include <span>
#include <vector>

#include "api/http.h"
#include "core/query/moving_average.h"
#include "core/timeseries/series.h"
#include "gnocchi/archive_policy.h"

/// aggregation=moving-average&window=..&center=.. of Gnocchi 3.0, in requests for a metric's
/// measures: of the means at the finest granularity that goes into the window.
namespace gnocchi::api {

/// The name by which it is asked for; /v1/capabilities tells it.
inline constexpr char kMovingAverage[] = "moving-average";

/// What the query asks for; nullopt: another aggregation. Throws HttpError 400 for a window that is
/// absent or none.
std::optional<query::MovingAverage> read_moving_average(const Request& request);

/// Leaves those of the policy's granularities that go into the window.
void keep_fitting(std::vector<ArchivePolicyItem>& items, Timespan window);

/// Of the series of these items (coarsest first). Throws HttpError 400 if all are empty.
timeseries::Series moving_average_of(std::span<const ArchivePolicyItem> items,
                                     std::span<const timeseries::Series> series,
                                     const query::MovingAverage& how);

}  // namespace gnocchi::api
