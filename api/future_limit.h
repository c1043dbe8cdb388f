#pragma once

#include <span>

#include "api/measures_body.h"
#include "api/services.h"
#include "core/pipeline/ingest.h"
#include "gnocchi/types.h"

/// [api] max_future: one measure far in the future moves a metric's back window so far that all
/// measures of the present are dropped. Where the limit is set, controllers ask here before they
/// store anything. Throws HttpError 400 naming the first timestamp that is beyond it.
namespace gnocchi::api {

void check_future(const Services& services, std::span<const Measure> measures);
void check_future(const Services& services, std::span<const pipeline::MetricMeasures> metrics);
void check_future(const Services& services, std::span<const ResourceMeasures> resources);

}  // namespace gnocchi::api
