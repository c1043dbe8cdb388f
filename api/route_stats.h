#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "api/router.h"
#include "core/stats/counter.h"
#include "core/stats/histogram.h"
#include "core/stats/text.h"

namespace gnocchi::api {

/// Requests by route, method and status, and how long they took. A route is a pattern, never a
/// path, and methods that no route has count together: there are only so many series, whatever
/// clients send. Any thread; counting is a few relaxed atomic operations.
class RouteStats {
 public:
  explicit RouteStats(const std::vector<Router::RouteInfo>& routes);

  /// `route`: index of the route; nullopt: the request found none.
  void count(std::optional<std::size_t> route, std::string_view method, int status,
             std::chrono::nanoseconds elapsed) noexcept;
  /// Of what was asked for so far.
  void describe(stats::Text& text) const;

 private:
  // The statuses in use; others count as the last.
  static constexpr std::array<int, 24> kStatuses{200, 201, 202, 204, 302, 304, 400, 401,
                                                 403, 404, 405, 406, 409, 411, 412, 413,
                                                 415, 417, 429, 500, 501, 503, 504, 0};

  struct alignas(64) Entry {
    std::string_view method;
    std::string_view pattern;
    stats::Histogram seconds;
    std::array<stats::Counter, kStatuses.size()> statuses;
  };

  const std::size_t routes_;
  std::vector<Entry> entries_;  // of the routes, then of what found none, by method
};

}  // namespace gnocchi::api
