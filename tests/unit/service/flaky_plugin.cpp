// A storage that keeps nothing; its start() fails first as often, and in the way, that it is told.
#include <atomic>
#include <cstdint>
#include <memory>

#include "gnocchi/error.h"
#include "gnocchi/plugin/manifest.h"
#include "gnocchi/storage.h"

namespace gnocchi {
namespace {

class FlakyStorage final : public StorageDriver {
 public:
  explicit FlakyStorage(const plugin::Context& context)
      : log_(context.log),
        failures_left_(context.options.integer("flaky_failures")),
        hopeless_(context.options.boolean("flaky_hopeless")) {}

  void start() override {
    if (hopeless_) throw Error(Error::Code::invalid_config, "no such pool: flaky");
    if (failures_left_ == 0) return;
    --failures_left_;
    throw Error(Error::Code::unavailable, "connect flaky: refused");
  }
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
  std::int64_t failures_left_;
  bool hopeless_;
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
};

}  // namespace
}  // namespace gnocchi

GNOCCHI_PLUGIN("storage-flaky", "1.0", gnocchi::kDrivers);
