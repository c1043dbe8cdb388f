#pragma once

#include <string_view>

#include "core/stats/counter.h"
#include "core/stats/text.h"

namespace gnocchi::stats {

/// How often a cache knew what it was asked for. Any thread.
struct CacheStats {
  Counter hits;
  Counter misses;

  void describe(std::string_view cache, Text& text) const {
    auto& lookups = text.counter("gnocchi_cache_lookups_total", "Questions to a cache.");
    lookups.add({{"cache", cache}, {"result", "hit"}}, hits);
    lookups.add({{"cache", cache}, {"result", "miss"}}, misses);
  }
};

}  // namespace gnocchi::stats
