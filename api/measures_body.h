#pragma once

#include <string_view>
#include <vector>

#include "core/index/resource_id.h"
#include "core/pipeline/ingest.h"
#include "core/pipeline/named_batch.h"
#include "gnocchi/types.h"

/// Bodies that bring measures: parsed without a document tree, in one go over a copy of the text,
/// straight into vectors of measures. Pure functions; any thread.
///
/// A list of measures is [{"timestamp": T, "value": V}, ...]; other keys are ignored and of equal
/// keys the last counts. T is a text or a number (core/index/timestamps.h), V a number, a text that
/// Python's float() takes, or a boolean; NaN and the infinities are values. "[]" and "{}" are lists
/// without measures. A list may hold numbers and dates side by side, but not relative times beside
/// either: there, one of the two is a mistake.
///
/// All throw HttpError 400: {"cause": "Unable to decode body"} if the text is no JSON or nested too
/// deep, and {"cause": "Invalid input"} with path and reason for the first fault otherwise.
namespace gnocchi::api {

std::vector<Measure> parse_measures(std::string_view body, Timestamp now);

/// {metric id: measures}, each metric once, in order of first appearance.
std::vector<pipeline::MetricMeasures> parse_metrics_measures(std::string_view body, Timestamp now);

using pipeline::NamedMeasures;
using pipeline::ResourceMeasures;

/// {resource id: {metric name: measures | {"measures": measures, "archive_policy_name", "unit"}}},
/// each resource once. Ids that are no UUIDs are hashed by `rules`.
std::vector<ResourceMeasures> parse_resources_measures(std::string_view body,
                                                       const index::IdRules& rules, Timestamp now);

}  // namespace gnocchi::api
