#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "arrival_listener.h"
#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"
#include "incoming_log_index.h"
#include "incoming_log_writer.h"
#include "posix.h"
#include "python_pending.h"

namespace gnocchi::file {

/// Pending measures in an append-only log of its own (docs/formats/incoming-log.md), and what
/// Python Gnocchi's daemons left as files. Any number of processes on one host may share a store.
class FileIncoming final : public IncomingDriver {
 public:
  explicit FileIncoming(const plugin::Context& context);
  ~FileIncoming() override;

  void start() override;
  void stop() noexcept override;

  void upgrade(std::uint32_t sack_count) override;
  std::uint32_t sack_count() override;
  void change_sack_count(std::uint32_t sack_count) override;
  void append(std::span<const Bundle> bundles) override;
  SackBatch read_sack(SackNumber sack, std::size_t max_bytes) override;
  void acknowledge(const SackBatch& batch) override;
  std::optional<std::vector<std::vector<Bytes>>> read_pending(std::span<const MetricId> metrics,
                                                              std::size_t max_bytes) override;
  IncomingReport report(bool details) override;
  std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks) override;
  std::vector<SackNumber> wait(std::span<const SackNumber> sacks,
                               std::chrono::steady_clock::time_point until) override;
  void wake() noexcept override;

 private:
  struct Store;

  /// What upgrade() has made, opened at the first need; throws Error{invalid_config} without it.
  Store& store();

  const std::string basepath_;
  const SyncMode sync_mode_;
  plugin::Log& log_;
  std::mutex mutex_;  ///< guards the making of store_
  std::unique_ptr<Store> store_;
  std::atomic<Store*> ready_{nullptr};  ///< store_, without the mutex
};

}  // namespace gnocchi::file
