#include "ceph_storage.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "flight.h"
#include "object_reader.h"
#include "omap_page.h"
#include "set_writer.h"

namespace gnocchi::ceph {
namespace {

// The cluster is busy with the writes of some passes while others read, compute or wait for the
// end.
constexpr std::uint32_t kPassesPerWorker = 4;

/// What the names end with of all splits that the filter admits; empty: they may end anyhow.
std::vector<std::string> endings_of(const SplitFilter& filter) {
  std::vector<std::string> endings;
  for (const Timespan granularity : filter.granularities) {
    const std::string ending = '_' + python_seconds(granularity) + "_v3";
    if (filter.methods.empty()) endings.push_back(ending);
    for (const std::string& method : filter.methods) {
      endings.emplace_back("_").append(method).append(ending);
    }
  }
  return endings;
}

bool ends_with_any(std::string_view name, const std::vector<std::string>& endings) {
  return endings.empty() || std::any_of(endings.begin(), endings.end(), [name](const auto& ending) {
           return name.ends_with(ending);
         });
}

}  // namespace

CephStorage::CephStorage(const plugin::Context& context)
    : cluster_(ClusterOptions::from(context.options)),
      versions_(static_cast<std::size_t>(context.options.integer("ceph_split_versions_mib"))
                << 20U) {}

std::vector<OperationCount> CephStorage::operations() const {
  return counts_.of(
      {Operation::read, Operation::list, Operation::check, Operation::write, Operation::remove});
}

StorageTraits CephStorage::traits() const noexcept {
  return {.partial_writes = true, .versioned = true, .passes_per_worker = kPassesPerWorker};
}

std::vector<std::optional<StoredObject>> CephStorage::read(std::span<const ObjectRef> refs) {
  return ObjectReader(cluster_, counts_).read(refs);
}

std::vector<std::vector<SplitKey>> CephStorage::list_splits(std::span<const MetricId> metrics,
                                                            const SplitFilter& filter) {
  std::vector<std::vector<SplitKey>> lists(metrics.size());
  const std::vector<std::string> endings = endings_of(filter);
  Flight flight(cluster_, counts_);
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    auto walk = std::make_shared<KeyWalk>();
    walk->object = object_name({metrics[i], std::nullopt});
    walk->action = "list the splits of " + walk->object;
    walk->take = [&list = lists[i], &metric = metrics[i], &filter, &endings](std::string_view key) {
      if (!ends_with_any(key, endings)) return true;
      auto ref = parse_object_name(key);
      if (ref && ref->split && ref->metric == metric && filter.admits(*ref->split)) {
        list.push_back(std::move(*ref->split));
      }
      return true;
    };
    walk_keys(flight, cluster_, std::move(walk));
  }
  flight.land();
  for (auto& list : lists) std::sort(list.begin(), list.end());
  return lists;
}

WriteReport CephStorage::write(const WriteSet& set) {
  return SetWriter(cluster_, counts_, versions_, set).write();
}

void CephStorage::remove_metrics(std::span<const MetricId> metrics) {
  Flight flight(cluster_, counts_);
  const auto removed = [this](const std::string& name) {
    return [this, name](int result, std::uint64_t) {
      if (result < 0 && result != -ENOENT) throw cluster_.error("remove " + name, result);
    };
  };
  for (const MetricId& metric : metrics) {
    auto walk = std::make_shared<KeyWalk>();
    walk->object = object_name({metric, std::nullopt});
    walk->action = "list the splits of " + walk->object;
    // Of every version of the format: all that is listed goes.
    walk->take = [&, own = "gnocchi_" + metric.to_string() + '_'](std::string_view key) {
      if (key.starts_with(own)) flight.remove(std::string(key), removed(std::string(key)));
      return true;
    };
    walk_keys(flight, cluster_, std::move(walk));
  }
  flight.land();
  // The lists last: a crash before leaves what is needed to go on.
  for (const MetricId& metric : metrics) {
    const std::string name = object_name({metric, std::nullopt});
    flight.remove(name, removed(name));
  }
  flight.land();
}

}  // namespace gnocchi::ceph
