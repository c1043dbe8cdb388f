#pragma once

#include <span>
#include <vector>

#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"
#include "store.h"

namespace gnocchi::rocks {

/// Series in a RocksDB database (docs/formats/rocksdb.md). One write batch a call: all of it is
/// there or nothing.
class RocksStorage final : public StorageDriver {
 public:
  explicit RocksStorage(const plugin::Context& context);

  void start() override { use_.open_if_there(); }
  void stop() noexcept override { use_.close(); }

  StorageTraits traits() const noexcept override;
  void upgrade() override { use_.create(); }
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override;
  std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                 const SplitFilter& filter) override;
  [[nodiscard]] WriteReport write(const WriteSet& set) override;
  void remove_metrics(std::span<const MetricId> metrics) override;

 private:
  Store& store() { return use_.get(Error::Code::unavailable); }

  StoreUse use_;
};

}  // namespace gnocchi::rocks
