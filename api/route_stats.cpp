#include "api/route_stats.h"

#include <algorithm>
#include <string>

namespace gnocchi::api {
namespace {

// Of requests without a route; the last stands for all others.
constexpr std::array<std::string_view, 8> kMethods{"GET",   "HEAD",   "POST",    "PUT",
                                                   "PATCH", "DELETE", "OPTIONS", "other"};

}  // namespace

RouteStats::RouteStats(const std::vector<Router::RouteInfo>& routes)
    : routes_(routes.size()), entries_(routes.size() + kMethods.size()) {
  for (std::size_t i = 0; i < routes.size(); ++i) {
    entries_[i].method = routes[i].method;
    entries_[i].pattern = routes[i].pattern;
  }
  for (std::size_t i = 0; i < kMethods.size(); ++i) {
    entries_[routes_ + i].method = kMethods[i];
    entries_[routes_ + i].pattern = "none";
  }
}

void RouteStats::count(std::optional<std::size_t> route, std::string_view method, int status,
                       std::chrono::nanoseconds elapsed) noexcept {
  std::size_t at = 0;
  if (route) {
    at = *route;
  } else {
    const auto known = std::find(kMethods.begin(), kMethods.end() - 1, method);
    at = routes_ + static_cast<std::size_t>(known - kMethods.begin());
  }
  Entry& entry = entries_[at];
  entry.seconds.observe(elapsed);
  const auto place = std::find(kStatuses.begin(), kStatuses.end() - 1, status);
  entry.statuses[static_cast<std::size_t>(place - kStatuses.begin())].add();
}

void RouteStats::describe(stats::Text& text) const {
  auto& requests = text.counter("gnocchi_http_requests_total", "Requests answered.");
  auto& seconds = text.histogram("gnocchi_http_request_duration_seconds",
                                 "From a request's last byte read to its answer made.");
  for (const Entry& entry : entries_) {
    if (entry.seconds.count() == 0) continue;
    for (std::size_t i = 0; i < kStatuses.size(); ++i) {
      const auto count = entry.statuses[i].value();
      if (count == 0) continue;
      const std::string status = kStatuses[i] == 0 ? "other" : std::to_string(kStatuses[i]);
      requests.add({{"route", entry.pattern}, {"method", entry.method}, {"status", status}}, count);
    }
    seconds.add({{"route", entry.pattern}, {"method", entry.method}}, entry.seconds);
  }
}

}  // namespace gnocchi::api
