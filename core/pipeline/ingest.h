#pragma once

#include <span>
#include <vector>

#include "gnocchi/incoming.h"
#include "gnocchi/types.h"

namespace gnocchi::pipeline {

/// Measures that a request brings for one metric, in the order of the request.
struct MetricMeasures {
  MetricId metric;
  std::vector<Measure> measures;
};

/// As they are appended. Metrics without measures are skipped.
std::vector<Bundle> bundle(std::span<const MetricMeasures> metrics);

/// Hands measures over to the incoming driver: durable when it returns. Metrics without measures
/// are skipped; a call without any measure does nothing. Throws what IncomingDriver::append does.
/// Any thread.
void accept(IncomingDriver& incoming, std::span<const MetricMeasures> metrics);

}  // namespace gnocchi::pipeline
