#pragma once

#include <span>

#include "core/pipeline/plan_cache.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::pipeline {

/// Drops the raw points of the metrics that are older than the plan's back window: what a pass does
/// with a metric that gets new measures. The caller holds the lock of the metrics' sack. A damaged
/// raw series is logged and left to the next pass. One batched read, one batched write. Throws
/// Error if storage fails, or if another worker has changed a raw series meanwhile.
void truncate_raw(StorageDriver& storage, plugin::Log& log, std::span<const MetricId> metrics,
                  const timeseries::AggregationPlan& plan);

}  // namespace gnocchi::pipeline
