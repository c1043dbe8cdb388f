#pragma once

#include <string_view>

#include "core/stats/counter.h"
#include "core/stats/histogram.h"
#include "core/stats/text.h"

namespace gnocchi::pipeline {

/// What passes over sacks have come to. Any thread; nothing here locks.
struct PassStats {
  stats::Histogram seconds{stats::kPassBounds};  ///< of passes that found something to do
  stats::Counter locked;                         ///< somebody else had the sack
  stats::Counter failed;
  stats::Counter metrics;   ///< processed, once for each pass
  stats::Counter measures;  ///< whose aggregates are stored
  stats::Counter dropped;   ///< metrics whose measures were dropped: deleted or unknown

  /// `origin`: who asks for passes, "metricd" or "request".
  void describe(std::string_view origin, stats::Text& text) const;
};

}  // namespace gnocchi::pipeline
