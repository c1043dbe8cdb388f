#include "core/pipeline/ingest.h"

#include "core/pipeline/measures_codec.h"

namespace gnocchi::pipeline {

std::vector<Bundle> bundle(std::span<const MetricMeasures> metrics) {
  std::vector<Bundle> bundles;
  bundles.reserve(metrics.size());
  for (const MetricMeasures& entry : metrics) {
    if (entry.measures.empty()) continue;
    bundles.push_back({entry.metric, encode_measures(entry.measures)});
  }
  return bundles;
}

void accept(IncomingDriver& incoming, std::span<const MetricMeasures> metrics) {
  const std::vector<Bundle> bundles = bundle(metrics);
  if (!bundles.empty()) incoming.append(bundles);
}

}  // namespace gnocchi::pipeline
