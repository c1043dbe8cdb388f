#include "core/service/counted_drivers.h"

#include <utility>

#include "core/pipeline/measures_codec.h"

namespace gnocchi::service {
namespace {

class CountedStorage final : public StorageDriver {
 public:
  CountedStorage(std::unique_ptr<StorageDriver> driver, DriverCalls& calls)
      : driver_(std::move(driver)), calls_(calls) {}

  void start() override {
    calls_.counted([&] { driver_->start(); });
  }
  void stop() noexcept override { driver_->stop(); }
  std::vector<OperationCount> operations() const override { return driver_->operations(); }
  StorageTraits traits() const noexcept override { return driver_->traits(); }
  void upgrade() override {
    calls_.counted([&] { driver_->upgrade(); });
  }
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override {
    return calls_.timed([&] { return driver_->read(refs); });
  }
  std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                 const SplitFilter& filter) override {
    return calls_.timed([&] { return driver_->list_splits(metrics, filter); });
  }
  WriteReport write(const WriteSet& set) override {
    return calls_.timed([&] { return driver_->write(set); });
  }
  void remove_metrics(std::span<const MetricId> metrics) override {
    calls_.timed([&] { driver_->remove_metrics(metrics); });
  }

 private:
  const std::unique_ptr<StorageDriver> driver_;
  DriverCalls& calls_;
};

class CountedIncoming final : public IncomingDriver {
 public:
  CountedIncoming(std::unique_ptr<IncomingDriver> driver, DriverCalls& calls, Accepted& accepted)
      : driver_(std::move(driver)), calls_(calls), accepted_(accepted) {}

  void start() override {
    calls_.counted([&] { driver_->start(); });
  }
  void stop() noexcept override { driver_->stop(); }
  std::vector<OperationCount> operations() const override { return driver_->operations(); }
  void upgrade(std::uint32_t sack_count) override {
    calls_.counted([&] { driver_->upgrade(sack_count); });
  }
  std::uint32_t sack_count() override {
    return calls_.counted([&] { return driver_->sack_count(); });
  }
  void change_sack_count(std::uint32_t sack_count) override {
    calls_.counted([&] { driver_->change_sack_count(sack_count); });
  }
  void append(std::span<const Bundle> bundles) override {
    calls_.timed([&] { driver_->append(bundles); });
    std::size_t bytes = 0;
    for (const Bundle& bundle : bundles) bytes += bundle.data.size();
    accepted_.bundles.add(bundles.size());
    accepted_.measures.add(bytes / pipeline::kMeasureBytes);
  }
  SackBatch read_sack(SackNumber sack, std::size_t max_bytes) override {
    return calls_.timed([&] { return driver_->read_sack(sack, max_bytes); });
  }
  void acknowledge(const SackBatch& batch) override {
    calls_.timed([&] { driver_->acknowledge(batch); });
  }
  std::optional<std::vector<std::vector<Bytes>>> read_pending(std::span<const MetricId> metrics,
                                                              std::size_t max_bytes) override {
    return calls_.timed([&] { return driver_->read_pending(metrics, max_bytes); });
  }
  IncomingReport report(bool details) override {
    return calls_.timed([&] { return driver_->report(details); });
  }
  std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks) override {
    return calls_.timed([&] { return driver_->with_pending(sacks); });
  }
  std::vector<SackNumber> wait(std::span<const SackNumber> sacks,
                               std::chrono::steady_clock::time_point until) override {
    return calls_.counted([&] { return driver_->wait(sacks, until); });
  }
  void wake() noexcept override { driver_->wake(); }

 private:
  const std::unique_ptr<IncomingDriver> driver_;
  DriverCalls& calls_;
  Accepted& accepted_;
};

class CountedCoordinator final : public CoordinatorDriver {
 public:
  CountedCoordinator(std::unique_ptr<CoordinatorDriver> driver, DriverCalls& calls)
      : driver_(std::move(driver)), calls_(calls) {}

  void start() override {
    calls_.counted([&] { driver_->start(); });
  }
  void stop() noexcept override { driver_->stop(); }
  std::vector<OperationCount> operations() const override { return driver_->operations(); }
  std::unique_ptr<HeldLock> lock(std::string_view name, std::chrono::milliseconds wait) override {
    return calls_.counted([&] { return driver_->lock(name, wait); });
  }
  void join(std::string_view group, const Member& self) override {
    calls_.timed([&] { driver_->join(group, self); });
  }
  void leave(std::string_view group, std::string_view member_id) override {
    calls_.timed([&] { driver_->leave(group, member_id); });
  }
  std::vector<Member> members(std::string_view group) override {
    return calls_.timed([&] { return driver_->members(group); });
  }
  void beat() override {
    calls_.timed([&] { driver_->beat(); });
  }

 private:
  const std::unique_ptr<CoordinatorDriver> driver_;
  DriverCalls& calls_;
};

class CountedAuthenticator final : public AuthenticatorDriver {
 public:
  CountedAuthenticator(std::unique_ptr<AuthenticatorDriver> driver, DriverCalls& calls)
      : driver_(std::move(driver)), calls_(calls) {}

  void start() override {
    calls_.counted([&] { driver_->start(); });
  }
  void stop() noexcept override { driver_->stop(); }
  std::vector<OperationCount> operations() const override { return driver_->operations(); }
  std::variant<Identity, Challenge> authenticate(const RequestHead& head) override {
    return calls_.timed([&] { return driver_->authenticate(head); });
  }

 private:
  const std::unique_ptr<AuthenticatorDriver> driver_;
  DriverCalls& calls_;
};

}  // namespace

void Accepted::describe(stats::Text& text) const {
  text.counter("gnocchi_measures_accepted_total", "Measures accepted, to be processed.")
      .add({}, measures);
  text.counter("gnocchi_bundles_accepted_total",
               "Bundles accepted: the measures of one metric in one request.")
      .add({}, bundles);
}

std::unique_ptr<StorageDriver> counted(std::unique_ptr<StorageDriver> driver, DriverCalls& calls) {
  return std::make_unique<CountedStorage>(std::move(driver), calls);
}

std::unique_ptr<IncomingDriver> counted(std::unique_ptr<IncomingDriver> driver, DriverCalls& calls,
                                        Accepted& accepted) {
  return std::make_unique<CountedIncoming>(std::move(driver), calls, accepted);
}

std::unique_ptr<CoordinatorDriver> counted(std::unique_ptr<CoordinatorDriver> driver,
                                           DriverCalls& calls) {
  return std::make_unique<CountedCoordinator>(std::move(driver), calls);
}

std::unique_ptr<AuthenticatorDriver> counted(std::unique_ptr<AuthenticatorDriver> driver,
                                             DriverCalls& calls) {
  return std::make_unique<CountedAuthenticator>(std::move(driver), calls);
}

}  // namespace gnocchi::service
