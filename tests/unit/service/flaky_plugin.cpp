// A storage that keeps nothing, and an authenticator that lets nobody in; their start() fails first
// as often, and in the way, that it is told.
#include <atomic>
#include <cstdint>
#include <memory>

#include "gnocchi/auth.h"
#include "gnocchi/error.h"
#include "gnocchi/plugin/manifest.h"
#include "gnocchi/storage.h"

namespace gnocchi {
namespace {

class FlakyStart {
 public:
  explicit FlakyStart(const plugin::Options& options)
      : failures_left_(options.integer("flaky_failures")),
        hopeless_(options.boolean("flaky_hopeless")) {}

  void try_it() {
    if (hopeless_) throw Error(Error::Code::invalid_config, "no such pool: flaky");
    if (failures_left_ == 0) return;
    --failures_left_;
    throw Error(Error::Code::unavailable, "connect flaky: refused");
  }

 private:
  std::int64_t failures_left_;
  bool hopeless_;
};

class FlakyAuthenticator final : public AuthenticatorDriver {
 public:
  explicit FlakyAuthenticator(const plugin::Context& context) : start_(context.options) {}

  void start() override { start_.try_it(); }
  void stop() noexcept override {}
  std::variant<Identity, Challenge> authenticate(const RequestHead&) override {
    return Challenge{};
  }

 private:
  FlakyStart start_;
};

class FlakyStorage final : public StorageDriver {
 public:
  explicit FlakyStorage(const plugin::Context& context)
      : log_(context.log), start_(context.options) {}

  void start() override { start_.try_it(); }
  void stop() noexcept override { log_.info("flaky stopped"); }
  std::vector<OperationCount> operations() const override {
    return {{"read", 3 * reads_.load()}, {"nap", 0}};
  }
  StorageTraits traits() const noexcept override { return {}; }
  void upgrade() override {}
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override {
    ++reads_;
    return std::vector<std::optional<StoredObject>>(refs.size());
  }
  std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                 const SplitFilter&) override {
    return std::vector<std::vector<SplitKey>>(metrics.size());
  }
  WriteReport write(const WriteSet& set) override {
    return {std::vector<WriteVerdict>(set.metrics.size(), WriteVerdict::done),
            std::vector<std::uint64_t>(set.metrics.size())};
  }
  void remove_metrics(std::span<const MetricId>) override {}

 private:
  plugin::Log& log_;
  FlakyStart start_;
  std::atomic<std::uint64_t> reads_ = 0;
};

constexpr plugin::OptionSpec kOptions[] = {
    {"flaky_failures", plugin::OptionType::integer, "0", "Starts that fail.", false, false, -1,
     100},
    {"flaky_hopeless", plugin::OptionType::boolean, "false", "Never starts."},
};
constexpr plugin::DriverSpec kDrivers[] = {
    {plugin::Kind::storage, kStorageInterface, "flaky", "Starts late.", kOptions,
     std::size(kOptions), &plugin::make<FlakyStorage>},
    {plugin::Kind::authenticator, kAuthenticatorInterface, "flaky", "Starts late.", kOptions,
     std::size(kOptions), &plugin::make<FlakyAuthenticator>},
};

}  // namespace
}  // namespace gnocchi

GNOCCHI_PLUGIN("storage-flaky", "1.0", gnocchi::kDrivers);
