#include "core/pipeline/pass_measures.h"

#include <algorithm>
#include <string>

#include "core/pipeline/measures_codec.h"
#include "gnocchi/error.h"

namespace gnocchi::pipeline {
namespace {

struct Source {
  const Bundle* bundle;
  SackNumber sack;
};

/// The bundles by metric, of each as they came.
std::vector<Source> sources_of(std::span<const SackBatch* const> batches) {
  std::size_t count = 0;
  for (const SackBatch* batch : batches) count += batch->bundles.size();
  std::vector<Source> sources;
  sources.reserve(count);
  for (const SackBatch* batch : batches) {
    for (const Bundle& bundle : batch->bundles) sources.push_back({&bundle, batch->sack});
  }
  std::stable_sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) {
    return a.bundle->metric < b.bundle->metric;
  });
  return sources;
}

std::size_t measures_in(std::span<const Source> sources) {
  std::size_t bytes = 0;
  for (const Source& source : sources) bytes += source.bundle->data.size();
  return bytes / kMeasureBytes;
}

}  // namespace

PassMeasures::PassMeasures(std::span<const SackBatch* const> batches, plugin::Log& log) {
  const std::vector<Source> sources = sources_of(batches);
  measures_.reserve(measures_in(sources));
  parts_.reserve(sources.size());
  for (const Source& source : sources) {
    const MetricId& metric = source.bundle->metric;
    const std::size_t begin = measures_.size();
    try {
      decode_measures(source.bundle->data, measures_);
    } catch (const Error& error) {
      log.error("damaged bundle dropped metric=" + metric.to_string() +
                " sack=" + std::to_string(source.sack.value) + " reason=\"" + error.what() + "\"");
    }
    if (measures_.size() == begin) continue;
    if (parts_.empty() || parts_.back().metric != metric) parts_.push_back({metric, begin, begin});
    parts_.back().end = measures_.size();
  }
}

std::vector<PassMeasures::Part>::iterator PassMeasures::find(const MetricId& metric) {
  const auto found = std::lower_bound(
      parts_.begin(), parts_.end(), metric,
      [](const Part& part, const MetricId& wanted) { return part.metric < wanted; });
  return found != parts_.end() && found->metric == metric ? found : parts_.end();
}

void PassMeasures::drop(const MetricId& metric, const timeseries::TimeRange& range) {
  const auto part = find(metric);
  if (part == parts_.end()) return;
  const auto begin = measures_.begin();
  const auto kept = std::remove_if(
      begin + static_cast<std::ptrdiff_t>(part->begin),
      begin + static_cast<std::ptrdiff_t>(part->end), [&range](const Measure& measure) {
        return range.contains(measure.timestamp.time_since_epoch().count());
      });
  part->end = static_cast<std::size_t>(kept - begin);
  if (part->begin == part->end) parts_.erase(part);
}

std::vector<MetricId> PassMeasures::metrics() const {
  std::vector<MetricId> metrics;
  metrics.reserve(parts_.size());
  for (const Part& part : parts_) metrics.push_back(part.metric);
  return metrics;
}

std::span<const Measure> PassMeasures::of(const MetricId& metric) {
  const auto next = parts_.begin() + static_cast<std::ptrdiff_t>(std::min(next_, parts_.size()));
  const auto part = next != parts_.end() && next->metric == metric ? next : find(metric);
  if (part == parts_.end()) return {};
  next_ = static_cast<std::size_t>(part - parts_.begin()) + 1;
  return std::span(measures_).subspan(part->begin, part->end - part->begin);
}

}  // namespace gnocchi::pipeline
