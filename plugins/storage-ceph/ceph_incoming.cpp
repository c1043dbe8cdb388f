#include "ceph_incoming.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "gnocchi/naming.h"
#include "omap_page.h"
#include "pending_walk.h"
#include "sack_additions.h"
#include "sack_reader.h"
#include "sack_settings.h"

namespace gnocchi::ceph {
namespace {

/// Keys removed by one operation.
constexpr std::size_t kRemovedKeys = 4000;

}  // namespace

struct CephIncoming::Sacks {
  Sacks(std::uint32_t sack_count, std::uint64_t high_water)
      : count(sack_count), fill(sack_count, high_water) {}

  std::string object(SackNumber sack) const { return sack_name(sack, count); }

  const std::uint32_t count;
  SackFill fill;
};

CephIncoming::CephIncoming(const plugin::Context& context)
    : cluster_(ClusterOptions::from(context.options)),
      high_water_(static_cast<std::uint64_t>(context.options.integer("ceph_sack_high_water"))),
      log_(context.log) {}

CephIncoming::~CephIncoming() = default;

void CephIncoming::start() {
  cluster_.connect();
  const std::string self = Uuid::random().to_string();
  teller_ = std::make_unique<NewsTeller>(cluster_, counts_, log_, self);
  listener_ = std::make_unique<NewsListener>(cluster_, counts_, log_, self);
}

void CephIncoming::stop() noexcept {
  teller_.reset();
  if (listener_) listener_->close();
  ready_ = nullptr;
  sacks_.reset();
  cluster_.disconnect();
  listener_.reset();
}

std::vector<OperationCount> CephIncoming::operations() const {
  return counts_.of({Operation::read, Operation::list, Operation::write, Operation::remove,
                     Operation::watch, Operation::notify});
}

CephIncoming::Sacks& CephIncoming::sacks() {
  if (Sacks* ready = ready_.load(std::memory_order_acquire)) return *ready;
  const std::scoped_lock guard(mutex_);
  if (!sacks_) {
    const auto count = read_sack_count(cluster_, counts_);
    if (!count) {
      throw Error(Error::Code::invalid_config, "pool " + cluster_.options().pool +
                                                   " has no object gnocchi-config: run "
                                                   "gnocchi-upgrade");
    }
    sacks_ = std::make_unique<Sacks>(*count, high_water_);
    ready_.store(sacks_.get(), std::memory_order_release);
  }
  return *sacks_;
}

std::uint32_t CephIncoming::sack_count() { return sacks().count; }

void CephIncoming::upgrade(std::uint32_t sack_count) {
  check_sack_count(sack_count);
  write_sack_count(cluster_, counts_, sack_count, Existing::keep);
}

void CephIncoming::change_sack_count(std::uint32_t sack_count) {
  check_sack_count(sack_count);
  const Sacks& before = sacks();
  std::vector<SackNumber> all;
  for (std::uint32_t i = 0; i < before.count; ++i) all.push_back(SackNumber{i});
  const auto pending = with_pending(all);
  if (!pending.empty()) {
    throw Error(Error::Code::unavailable, before.object(pending.front()) + " in pool " +
                                              cluster_.options().pool +
                                              ": measures wait to be processed");
  }
  write_sack_count(cluster_, counts_, sack_count, Existing::replace);
  Flight flight(cluster_, counts_);
  for (const SackNumber sack : all) {
    const std::string object = before.object(sack);
    flight.remove(object, [this, object](int result, std::uint64_t) {
      if (result < 0 && result != -ENOENT) throw cluster_.error("remove " + object, result);
    });
  }
  flight.land();
  ready_ = nullptr;
  sacks_.reset();
}

std::uint64_t CephIncoming::count_keys(const std::string& object, std::uint64_t limit) {
  std::uint64_t count = 0;
  auto walk = std::make_shared<KeyWalk>();
  walk->object = object;
  walk->action = "count the keys of " + object;
  walk->take = [&](std::string_view) { return ++count < limit; };
  Flight flight(cluster_, counts_);
  walk_keys(flight, cluster_, std::move(walk));
  flight.land();
  return count;
}

void CephIncoming::admit(SackNumber sack, std::size_t bundles) {
  Sacks& here = sacks();
  const std::string object = here.object(sack);
  const auto count = [&](std::uint64_t limit) { return count_keys(object, limit); };
  if (here.fill.admit(sack, bundles, count)) return;
  throw Error(Error::Code::unavailable,
              "append to " + object + " in pool " + cluster_.options().pool + ": " +
                  std::to_string(high_water_) +
                  " bundles (ceph_sack_high_water) wait to be processed; does gnocchi-metricd run, "
                  "and keep up?");
}

void CephIncoming::append(std::span<const Bundle> bundles) {
  if (bundles.empty()) return;
  const Sacks& here = sacks();
  std::map<SackNumber, SackAdditions> by_sack;
  for (const Bundle& bundle : bundles) {
    by_sack[sack_of(bundle.metric, here.count)].add(keys_.next(bundle.metric), bundle.data);
  }
  // All are asked before any is written: a request is taken as a whole or not at all.
  for (const auto& [sack, additions] : by_sack) admit(sack, additions.size());
  Flight flight(cluster_, counts_);
  std::set<SackNumber> touched;
  for (const auto& [sack, additions] : by_sack) {
    const std::string object = here.object(sack);
    additions.in_operations([&](const WriteOp& op) {
      flight.write(Operation::write, object, op, [this, object](int result, std::uint64_t) {
        if (result < 0) throw cluster_.error("append to " + object, result);
      });
    });
    touched.insert(sack);
  }
  flight.land();
  teller_->tell(touched);
  const std::vector<SackNumber> news(touched.begin(), touched.end());
  listener_->hear(news);
}

SackBatch CephIncoming::read_sack(SackNumber sack, std::size_t max_bytes) {
  return SackReader(cluster_, counts_, log_, sacks().object(sack)).read(sack, max_bytes);
}

void CephIncoming::acknowledge(const SackBatch& batch) {
  const auto* receipt = dynamic_cast<const CephReceipt*>(batch.receipt.get());
  if (receipt == nullptr) return;
  const std::string object = sacks().object(batch.sack);
  Flight flight(cluster_, counts_);
  for (std::size_t begin = 0; begin < receipt->keys.size(); begin += kRemovedKeys) {
    const std::size_t end = std::min(begin + kRemovedKeys, receipt->keys.size());
    std::vector<const char*> keys;
    std::vector<std::size_t> sizes;
    for (std::size_t i = begin; i < end; ++i) {
      keys.push_back(receipt->keys[i].data());
      sizes.push_back(receipt->keys[i].size());
    }
    const WriteOp op = write_op();
    rados_write_op_omap_rm_keys2(op.get(), keys.data(), sizes.data(), keys.size());
    flight.write(Operation::write, object, op, [&](int result, std::uint64_t) {
      if (result < 0 && result != -ENOENT) throw cluster_.error("acknowledge " + object, result);
    });
  }
  flight.land();
}

std::optional<std::vector<std::vector<Bytes>>> CephIncoming::read_pending(
    std::span<const MetricId> metrics, std::size_t max_bytes) {
  const Sacks& here = sacks();
  std::optional<std::size_t> room = max_bytes;
  std::vector<std::vector<Bytes>> pending(metrics.size());
  std::unordered_map<MetricId, std::shared_ptr<PendingWalk>> walks;
  Flight flight(cluster_, counts_);
  for (const MetricId& metric : metrics) {
    auto& walk = walks[metric];
    if (walk) continue;
    walk = std::make_shared<PendingWalk>();
    walk->object = here.object(sack_of(metric, here.count));
    walk->prefix = key_prefix(metric);
    walk->room = &room;
    walk_pending(flight, cluster_, walk);
  }
  flight.land();
  if (!room) return std::nullopt;
  for (auto& [metric, walk] : walks) {
    std::sort(walk->found.begin(), walk->found.end(),
              [](const auto& a, const auto& b) { return arrived_before(a.first, b.first); });
  }
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    for (const auto& [key, data] : walks.at(metrics[i])->found) pending[i].push_back(data);
  }
  return pending;
}

IncomingReport CephIncoming::report(bool details) {
  const Sacks& here = sacks();
  std::unordered_map<MetricId, std::uint64_t> counts;
  Flight flight(cluster_, counts_);
  for (std::uint32_t i = 0; i < here.count; ++i) {
    auto walk = std::make_shared<KeyWalk>();
    walk->object = here.object(SackNumber{i});
    walk->action = "list " + walk->object;
    walk->take = [&](std::string_view key) {
      if (const auto metric = metric_of(key)) ++counts[*metric];
      return true;
    };
    walk_keys(flight, cluster_, std::move(walk));
  }
  flight.land();
  IncomingReport report;
  report.metrics = counts.size();
  for (const auto& [metric, bundles] : counts) report.bundles += bundles;
  if (details) report.details.assign(counts.begin(), counts.end());
  return report;
}

std::vector<SackNumber> CephIncoming::with_pending(std::span<const SackNumber> asked) {
  const Sacks& here = sacks();
  std::vector<SackNumber> found;
  Flight flight(cluster_, counts_);
  for (const SackNumber sack : asked) {
    const std::string object = here.object(sack);
    auto page = std::make_shared<OmapPage>();
    const ReadOp op = page->ask_for_keys("", 1);
    flight.read(Operation::list, object, op,
                [this, &found, sack, object, page](int result, std::uint64_t) {
                  if (result == -ENOENT) return;
                  if (result < 0) throw cluster_.error("list " + object, result);
                  std::string_view key;
                  std::string_view value;
                  if (page->next(key, value)) found.push_back(sack);
                });
  }
  flight.land();
  return found;
}

std::vector<SackNumber> CephIncoming::wait(std::span<const SackNumber> asked,
                                           std::chrono::steady_clock::time_point until) {
  auto news = listener_->wait(asked, until);
  // What came before the listening had begun can only be looked for.
  return news.missed ? with_pending(asked) : std::move(news.sacks);
}

void CephIncoming::wake() noexcept {
  if (listener_) listener_->wake();
}

}  // namespace gnocchi::ceph
