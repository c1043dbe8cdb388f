#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace memory {

/// Storage in a map. Everything is lost with the instance, so it is for tests and for learning.
class MemoryStorage final : public gnocchi::StorageDriver {
 public:
  explicit MemoryStorage(const gnocchi::plugin::Context& context);

  void start() override {}          // a real driver connects here
  void stop() noexcept override {}  // and disconnects here
  gnocchi::StorageTraits traits() const noexcept override;
  void upgrade() override {}

  std::vector<std::optional<gnocchi::StoredObject>> read(
      std::span<const gnocchi::ObjectRef> refs) override;
  std::vector<std::vector<gnocchi::SplitKey>> list_splits(
      std::span<const gnocchi::MetricId> metrics, const gnocchi::SplitFilter& filter) override;
  gnocchi::WriteReport write(const gnocchi::WriteSet& set) override;
  void remove_metrics(std::span<const gnocchi::MetricId> metrics) override;

 private:
  struct Series {
    std::optional<gnocchi::StoredObject> raw;
    std::map<gnocchi::SplitKey, gnocchi::Bytes> splits;
  };

  std::uint64_t version_of(const gnocchi::MetricId& metric) const;
  gnocchi::WriteVerdict judge(const gnocchi::MetricWrites& writes) const;
  void apply(const gnocchi::MetricWrites& writes);
  void put(gnocchi::Bytes& object, const gnocchi::SplitWrite& split);
  void check_room_for(const gnocchi::WriteSet& set) const;

  const std::size_t limit_bytes_;
  std::mutex mutex_;  // guards what follows
  std::unordered_map<gnocchi::MetricId, Series> series_;
  std::size_t used_bytes_ = 0;
  std::uint64_t last_version_ = 0;
};

}  // namespace memory
