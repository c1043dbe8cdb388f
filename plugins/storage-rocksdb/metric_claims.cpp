#include "metric_claims.h"

#include <algorithm>
#include <utility>

namespace gnocchi::rocks {

MetricClaims::Held::Held(MetricClaims& claims, std::vector<MetricId> metrics)
    : claims_(claims), metrics_(std::move(metrics)) {
  std::sort(metrics_.begin(), metrics_.end());
  metrics_.erase(std::unique(metrics_.begin(), metrics_.end()), metrics_.end());
  std::unique_lock lock(claims_.mutex_);
  // All or none: nobody waits with something in hand.
  claims_.given_back_.wait(lock, [this] {
    return std::none_of(metrics_.begin(), metrics_.end(),
                        [this](const MetricId& id) { return claims_.taken_.contains(id); });
  });
  claims_.taken_.insert(metrics_.begin(), metrics_.end());
}

MetricClaims::Held::~Held() {
  {
    const std::scoped_lock guard(claims_.mutex_);
    for (const MetricId& metric : metrics_) claims_.taken_.erase(metric);
  }
  claims_.given_back_.notify_all();
}

}  // namespace gnocchi::rocks
