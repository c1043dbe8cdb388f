#pragma once

#include "gnocchi/filter.h"
#include "gnocchi/resource.h"

namespace gnocchi::policy {

/// Whether a filter that a rule was compiled to (Enforcer::visible of metric rows) lets this metric
/// through. Spares asking the rule anew for each of many metrics.
bool matches(const Filter& filter, const Metric& metric);

}  // namespace gnocchi::policy
