#pragma once

#include <span>
#include <vector>

#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"
#include "store.h"

namespace gnocchi::rocks {

/// Pending measures in a RocksDB database (docs/formats/rocksdb.md). Hears of news of its own
/// process, which is the only one that can have the database open.
class RocksIncoming final : public IncomingDriver {
 public:
  explicit RocksIncoming(const plugin::Context& context);

  void start() override { use_.open_if_there(); }
  void stop() noexcept override { use_.close(); }

  void upgrade(std::uint32_t sack_count) override;
  std::uint32_t sack_count() override { return queue().sack_count(); }
  void change_sack_count(std::uint32_t sack_count) override;
  void append(std::span<const Bundle> bundles) override { queue().append(bundles); }
  SackBatch read_sack(SackNumber sack, std::size_t max_bytes) override;
  void acknowledge(const SackBatch& batch) override { queue().acknowledge(batch); }
  std::optional<std::vector<std::vector<Bytes>>> read_pending(std::span<const MetricId> metrics,
                                                              std::size_t max_bytes) override;
  IncomingReport report(bool details) override { return queue().report(details); }
  std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks) override;
  std::vector<SackNumber> wait(std::span<const SackNumber> sacks,
                               std::chrono::steady_clock::time_point until) override;
  void wake() noexcept override;

 private:
  MeasureQueue& queue() { return use_.get(Error::Code::invalid_config).queue; }

  plugin::Log& log_;
  StoreUse use_;
  MeasureQueue::Listener listener_;  ///< guarded by the queue
};

}  // namespace gnocchi::rocks
