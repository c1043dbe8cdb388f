#pragma once

#include <vector>

#include "core/pipeline/plan_cache.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::pipeline {

/// New measures of one metric, on their way into storage.
struct MetricWork {
  MetricId metric;
  Plan plan;
  std::vector<Measure> measures;  ///< in order of arrival, not empty
};

/// Computes and stores what the measures change, all metrics in a few batched calls of the driver.
/// A damaged object is logged with its metric and replaced by what the new measures give. Returns
/// when all of it is stored; throws Error if storage fails, or if a metric's raw series keeps
/// changing under our hands (another worker writes it).
void store_measures(StorageDriver& storage, plugin::Log& log, const std::vector<MetricWork>& work);

}  // namespace gnocchi::pipeline
