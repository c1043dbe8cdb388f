#include "metric_claims.h"

#include <algorithm>
#include <compare>
#include <utility>

namespace gnocchi::rocks {

MetricClaims::Held::Held(MetricClaims& claims, std::vector<MetricId> metrics)
    : claims_(claims), metrics_(std::move(metrics)) {
  if (!std::is_sorted(metrics_.begin(), metrics_.end())) {
    std::sort(metrics_.begin(), metrics_.end());
  }
  metrics_.erase(std::unique(metrics_.begin(), metrics_.end()), metrics_.end());
  std::unique_lock lock(claims_.mutex_);
  // All or none: nobody waits with something in hand.
  claims_.given_back_.wait(lock, [this] {
    return std::none_of(claims_.held_.begin(), claims_.held_.end(),
                        [this](const Held* other) { return overlaps(*other); });
  });
  claims_.held_.push_back(this);
}

MetricClaims::Held::~Held() {
  {
    const std::scoped_lock guard(claims_.mutex_);
    std::erase(claims_.held_, this);
  }
  claims_.given_back_.notify_all();
}

bool MetricClaims::Held::overlaps(const Held& other) const {
  auto mine = metrics_.begin();
  auto theirs = other.metrics_.begin();
  while (mine != metrics_.end() && theirs != other.metrics_.end()) {
    const auto order = *mine <=> *theirs;
    if (std::is_eq(order)) return true;
    ++(std::is_lt(order) ? mine : theirs);
  }
  return false;
}

}  // namespace gnocchi::rocks
