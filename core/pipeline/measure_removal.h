#pragma once

#include <functional>

#include "core/pipeline/plan_cache.h"
#include "core/timeseries/removal.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::pipeline {

/// Takes a range of time out of what is stored of the metric: raw points and aggregates
/// (timeseries::MeasureRemoval says which). The caller holds the lock of the metric's sack. Damaged
/// objects are logged and treated as absent. Repeating it is harmless. Throws Error if storage
/// fails, or if the raw series keeps changing under our hands. `still_ours` is asked before each
/// write whether the lock is still held; if not, Error{unavailable} is thrown.
void remove_measures(StorageDriver& storage, plugin::Log& log, const MetricId& metric,
                     const Plan& plan, const timeseries::TimeRange& range,
                     const std::function<bool()>& still_ours);

}  // namespace gnocchi::pipeline
