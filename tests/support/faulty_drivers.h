#pragma once

#include <string>
#include <utility>

#include "gnocchi/error.h"
#include "gnocchi/incoming.h"
#include "gnocchi/storage.h"

namespace gnocchi::support {

/// Lets the n-th call of a backend fail, before it did its work or after it (the answer got lost).
struct FaultPlan {
  enum class When { before, after };
  int fail_at = 0;  ///< 0: never
  When when = When::before;
  int calls = 0;
  bool fired = false;

  template <class F>
  auto run(const char* operation, F&& f) {
    const bool fail = ++calls == fail_at;
    fired |= fail;
    if (fail && when == When::before) throw_fault(operation);
    auto result = std::forward<F>(f)();
    if (fail) throw_fault(operation);
    return result;
  }

  [[noreturn]] static void throw_fault(const char* operation) {
    throw Error(Error::Code::unavailable, std::string(operation) + ": fault asked for");
  }
};

/// A storage whose calls fail as planned.
class FaultyStorage : public StorageDriver {
 public:
  FaultyStorage(StorageDriver& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  void start() override {}
  void stop() noexcept override {}
  StorageTraits traits() const noexcept override { return inner_.traits(); }
  void upgrade() override { inner_.upgrade(); }
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override {
    return plan_.run("read", [&] { return inner_.read(refs); });
  }
  std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                 const SplitFilter& filter) override {
    return plan_.run("list", [&] { return inner_.list_splits(metrics, filter); });
  }
  WriteReport write(const WriteSet& set) override {
    return plan_.run("write", [&] { return inner_.write(set); });
  }
  void remove_metrics(std::span<const MetricId> metrics) override {
    plan_.run("remove", [&] { return inner_.remove_metrics(metrics), 0; });
  }

 private:
  StorageDriver& inner_;
  FaultPlan& plan_;
};

/// An incoming driver whose calls fail as planned.
class FaultyIncoming : public IncomingDriver {
 public:
  FaultyIncoming(IncomingDriver& inner, FaultPlan& plan) : inner_(inner), plan_(plan) {}
  void start() override {}
  void stop() noexcept override {}
  void upgrade(std::uint32_t sacks) override { inner_.upgrade(sacks); }
  std::uint32_t sack_count() override { return inner_.sack_count(); }
  void change_sack_count(std::uint32_t sacks) override { inner_.change_sack_count(sacks); }
  void append(std::span<const Bundle> bundles) override {
    plan_.run("append", [&] { return inner_.append(bundles), 0; });
  }
  SackBatch read_sack(SackNumber sack, std::size_t max_bytes) override {
    return plan_.run("read_sack", [&] { return inner_.read_sack(sack, max_bytes); });
  }
  void acknowledge(const SackBatch& batch) override {
    plan_.run("acknowledge", [&] { return inner_.acknowledge(batch), 0; });
  }
  std::optional<std::vector<std::vector<Bytes>>> read_pending(std::span<const MetricId> metrics,
                                                              std::size_t max_bytes) override {
    return plan_.run("read_pending", [&] { return inner_.read_pending(metrics, max_bytes); });
  }
  IncomingReport report(bool details) override { return inner_.report(details); }
  std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks) override {
    return inner_.with_pending(sacks);
  }
  std::vector<SackNumber> wait(std::span<const SackNumber> sacks,
                               std::chrono::steady_clock::time_point until) override {
    return inner_.wait(sacks, until);
  }
  void wake() noexcept override { inner_.wake(); }

 private:
  IncomingDriver& inner_;
  FaultPlan& plan_;
};

}  // namespace gnocchi::support
