#include "rocks_storage.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "known_names.h"
#include "object_reader.h"
#include "set_writer.h"
#include "split_keys.h"
#include "split_lister.h"

namespace gnocchi::rocks {
namespace {

/// How many metrics are removed by one batch.
constexpr std::size_t kRemovedAtOnce = 500;

}  // namespace

RocksStorage::RocksStorage(const plugin::Context& context)
    : use_(DatabaseOptions::from(context.options), context.log) {}

StorageTraits RocksStorage::traits() const noexcept {
  return {.partial_writes = true, .versioned = true};
}

std::vector<std::optional<StoredObject>> RocksStorage::read(std::span<const ObjectRef> refs) {
  return read_objects(store().database, refs);
}

std::vector<std::vector<SplitKey>> RocksStorage::list_splits(std::span<const MetricId> metrics,
                                                             const SplitFilter& filter) {
  Store& here = store();
  SplitLister lister(here.database, here.names, filter);
  // In the order of keys, so that those of one block cost one look.
  std::vector<std::size_t> order(metrics.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [metrics](std::size_t a, std::size_t b) { return metrics[a] < metrics[b]; });
  std::vector<std::vector<SplitKey>> lists(metrics.size());
  for (const std::size_t i : order) lists[i] = lister.list(metrics[i]);
  return lists;
}

WriteReport RocksStorage::write(const WriteSet& set) {
  Store& here = store();
  return SetWriter(here.database, here.names, here.claims, set).write();
}

void RocksStorage::remove_metrics(std::span<const MetricId> metrics) {
  Store& here = store();
  Database& database = here.database;
  while (!metrics.empty()) {
    const auto some = metrics.first(std::min(metrics.size(), kRemovedAtOnce));
    metrics = metrics.subspan(some.size());
    const MetricClaims::Held held(here.claims, {some.begin(), some.end()});
    const auto lists = list_splits(some, {});
    rocksdb::WriteBatch batch;
    for (std::size_t i = 0; i < some.size(); ++i) {
      for (const SplitKey& split : lists[i]) {
        const std::string key = split_key(some[i], split);
        batch.Delete(database.family(Family::splits), key);
        batch.Delete(database.family(Family::names), key);
      }
      batch.Delete(database.family(Family::metrics), slice(metric_key(some[i])));
    }
    const ForgetNames changed(here.names, {some.begin(), some.end()});
    database.write(batch, "remove metrics");
  }
}

}  // namespace gnocchi::rocks
