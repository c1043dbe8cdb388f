#include "core/pipeline/backlog.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gnocchi/naming.h"

namespace gnocchi::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr auto kFreshFor = 1s;
constexpr auto kFreshAtMost = 60s;
constexpr int kCostShare = 20;
// So many series are no burden yet; a layout with more sacks shows their sum alone.
constexpr std::size_t kMostSacksShown = 1024;

}  // namespace

Backlog::Sacks Backlog::look() noexcept {
  try {
    const std::uint32_t count = incoming_.sack_count();
    std::vector<Pending> sacks(count);
    for (const auto& [metric, bundles] : incoming_.report(true).details) {
      Pending& sack = sacks[sack_of(metric, count).value];
      sack.metrics += 1;
      sack.bundles += bundles;
    }
    return std::make_shared<const std::vector<Pending>>(std::move(sacks));
  } catch (const std::exception& error) {
    log_.warning(std::string("backlog unknown reason=\"") + error.what() + "\"");
    return nullptr;
  }
}

Backlog::Sacks Backlog::current() {
  std::unique_lock lock(mutex_);
  const auto begin = clock_();
  if (looking_ || begin < look_again_) return sacks_;
  looking_ = true;
  lock.unlock();
  auto sacks = look();
  lock.lock();
  const auto end = clock_();
  look_again_ = end + std::clamp<std::chrono::steady_clock::duration>((end - begin) * kCostShare,
                                                                      kFreshFor, kFreshAtMost);
  looking_ = false;
  sacks_ = std::move(sacks);
  return sacks_;
}

void Backlog::describe(stats::Text& text) {
  const Sacks sacks = current();
  if (!sacks) return;
  auto& metrics =
      text.gauge("gnocchi_backlog_metrics", "Metrics with measures that wait to be processed.");
  auto& bundles = text.gauge("gnocchi_backlog_bundles",
                             "Bundles of measures (one metric, one request) that wait.");
  Pending sum;
  for (std::size_t i = 0; i < sacks->size(); ++i) {
    const Pending& sack = (*sacks)[i];
    sum.metrics += sack.metrics;
    sum.bundles += sack.bundles;
    if (sacks->size() > kMostSacksShown) continue;
    const std::string number = std::to_string(i);
    metrics.add({{"sack", number}}, sack.metrics);
    bundles.add({{"sack", number}}, sack.bundles);
  }
  if (sacks->size() <= kMostSacksShown) return;
  metrics.add({{"sack", "all"}}, sum.metrics);
  bundles.add({{"sack", "all"}}, sum.bundles);
}

}  // namespace gnocchi::pipeline
