#pragma once

#include <span>
#include <vector>

#include "cluster.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"
#include "operation_counts.h"
#include "split_versions.h"

namespace gnocchi::ceph {

/// Series as RADOS objects, in the layout of Python Gnocchi's ceph driver (docs/formats/ceph.md).
///
/// Atomicity: each object is read and written by one operation. The raw series is written together
/// with the list of the metric's splits, on the condition that it is the one that the pass began
/// with; splits on the condition that they are as they were left (SetWriter).
class CephStorage final : public StorageDriver {
 public:
  explicit CephStorage(const plugin::Context& context);

  void start() override { cluster_.connect(); }
  void stop() noexcept override { cluster_.disconnect(); }
  std::vector<OperationCount> operations() const override;

  StorageTraits traits() const noexcept override;
  void upgrade() override {}
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override;
  std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                 const SplitFilter& filter) override;
  [[nodiscard]] WriteReport write(const WriteSet& set) override;
  void remove_metrics(std::span<const MetricId> metrics) override;

 private:
  Cluster cluster_;
  OperationCounts counts_;
  SplitVersions versions_;
};

}  // namespace gnocchi::ceph
