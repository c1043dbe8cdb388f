#pragma once

#include "gnocchi/plugin/manifest.h"
#include "gnocchi/storage.h"

/// What the bad plugins share: a storage driver that is never asked anything.
namespace bad {

class Idle final : public gnocchi::StorageDriver {
 public:
  explicit Idle(const gnocchi::plugin::Context&) {}
  void start() override {}
  void stop() noexcept override {}
  gnocchi::StorageTraits traits() const noexcept override { return {}; }
  void upgrade() override {}
  std::vector<std::optional<gnocchi::StoredObject>> read(
      std::span<const gnocchi::ObjectRef> refs) override {
    return std::vector<std::optional<gnocchi::StoredObject>>(refs.size());
  }
  std::vector<std::vector<gnocchi::SplitKey>> list_splits(
      std::span<const gnocchi::MetricId> metrics, const gnocchi::SplitFilter&) override {
    return std::vector<std::vector<gnocchi::SplitKey>>(metrics.size());
  }
  gnocchi::WriteReport write(const gnocchi::WriteSet&) override { return {}; }
  void remove_metrics(std::span<const gnocchi::MetricId>) override {}
};

/// A proper entry, for plugins that are bad elsewhere.
constexpr gnocchi::plugin::DriverSpec good_driver(const char* name) {
  return {gnocchi::plugin::Kind::storage,
          gnocchi::kStorageInterface,
          name,
          "Fails to load.",
          nullptr,
          0,
          &gnocchi::plugin::make<Idle>};
}

}  // namespace bad

/// A manifest with its own numbers.
#define BAD_MANIFEST(magic, layout, abi_tag)                                             \
  extern "C" GNOCCHI_API const gnocchi::plugin::Manifest gnocchi_plugin_manifest;        \
  extern "C" GNOCCHI_API const gnocchi::plugin::Manifest gnocchi_plugin_manifest {       \
    magic, layout, abi_tag, GNOCCHI_VERSION, "bad", "1.0", kDrivers, std::size(kDrivers) \
  }
