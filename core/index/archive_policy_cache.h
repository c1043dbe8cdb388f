#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/stats/cache_stats.h"
#include "gnocchi/archive_policy.h"
#include "gnocchi/indexer.h"

namespace gnocchi::index {

/// Archive policies and rules as the index had them a moment ago, so that neither listing metrics
/// nor accepting measures asks for them each time. What this process changes is seen at once (call
/// invalidate()); what another process changes, within kFreshFor. Absence is never remembered.
///
/// Any thread. The index outlives it. Throws what the index does.
class ArchivePolicyCache {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  // Long enough to spare a busy server the query, short enough that nobody waits for a new policy.
  static constexpr std::chrono::milliseconds kFreshFor{1000};

  explicit ArchivePolicyCache(IndexerDriver& indexer, Clock clock = std::chrono::steady_clock::now)
      : indexer_(indexer), clock_(std::move(clock)) {}

  /// Null: there is none of this name.
  std::shared_ptr<const ArchivePolicy> find(std::string_view name);
  /// In the order of ArchivePolicyIndex::list_rules.
  std::shared_ptr<const std::vector<ArchivePolicyRule>> rules();
  /// The rule for a metric of this name, if any.
  std::optional<ArchivePolicyRule> rule_for(std::string_view metric_name);

  void invalidate();

  void describe(stats::Text& text) const;

 private:
  using Policies = std::map<std::string, std::shared_ptr<const ArchivePolicy>, std::less<>>;
  using Rules = std::vector<ArchivePolicyRule>;

  std::shared_ptr<const Policies> policies(bool fresh);

  IndexerDriver& indexer_;
  Clock clock_;
  stats::CacheStats policies_stats_;
  stats::CacheStats rules_stats_;
  std::mutex mutex_;
  std::uint64_t generation_ = 0;  // answers asked for before an invalidation are not kept
  std::shared_ptr<const Policies> policies_;
  std::chrono::steady_clock::time_point policies_read_;
  std::shared_ptr<const Rules> rules_;
  std::chrono::steady_clock::time_point rules_read_;
};

}  // namespace gnocchi::index
