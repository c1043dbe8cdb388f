#pragma once

#include <functional>
#include <span>
#include <vector>

#include "core/pipeline/plan_cache.h"
#include "core/pipeline/raw_cache.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::pipeline {

/// New measures of one metric, on their way into storage.
struct MetricWork {
  MetricId metric;
  Plan plan;
  std::span<const Measure> measures;  ///< in order of arrival, not empty; lent
};

/// Computes and stores what the measures change, all metrics in a few batched calls of the driver.
/// A damaged object is logged with its metric and replaced by what the new measures give. Returns
/// when all of it is stored; throws Error if storage fails, or if a metric's raw series keeps
/// changing under our hands (another worker writes it).
///
/// With a versioned driver, raw series that `cache` knows are not read. Where the driver then finds
/// that somebody else has written one since, the metric's pass is made again with a read.
///
/// `still_ours` is asked before each write: are the locks of all the sacks still held? If not, what
/// changed under our hands is the new holder's work, who may have stored and acknowledged measures
/// newer than these. Then nothing more of `work` is written, and Error{unavailable} is thrown.
void store_measures(StorageDriver& storage, RawCache& cache, plugin::Log& log,
                    const std::vector<MetricWork>& work, const std::function<bool()>& still_ours);

}  // namespace gnocchi::pipeline
