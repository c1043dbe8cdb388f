#include "core/pipeline/pass_stats.h"

namespace gnocchi::pipeline {

void PassStats::describe(std::string_view origin, stats::Text& text) const {
  const auto count = [&](const char* name, const char* help, const stats::Counter& counter) {
    text.counter(name, help).add({{"origin", origin}}, counter);
  };
  text.histogram("gnocchi_pass_duration_seconds", "Passes over sacks that had measures.")
      .add({{"origin", origin}}, seconds);
  count("gnocchi_passes_locked_total", "Passes put off: somebody else had the sack.", locked);
  count("gnocchi_passes_failed_total", "Passes that failed and are made again.", failed);
  count("gnocchi_metrics_processed_total", "Metrics processed, once for each pass.", metrics);
  count("gnocchi_measures_processed_total", "Measures whose aggregates are stored.", measures);
  count("gnocchi_metrics_dropped_total",
        "Metrics, deleted or unknown, whose pending measures were dropped.", dropped);
}

}  // namespace gnocchi::pipeline
