#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"
#include "posix.h"
#include "scratch.h"

namespace gnocchi::file {

/// Series as local files, in the layout of Python Gnocchi's file driver: one file per raw series
/// and per split. Keeps no state but the opened base directory.
///
/// Atomicity: whole objects are written aside and renamed into place. A patch is one pwrite under
/// flock, which readers of splits take too; a kill in its middle can leave part of it, and the
/// pass, not yet acknowledged, is done again.
///
/// Versions: a raw series is known by its file's number, time and size, which every write gives it
/// anew, Python's too. Checking and writing are one under WriteGuard, which Python does not know.
class FileStorage final : public StorageDriver {
 public:
  explicit FileStorage(const plugin::Context& context);
  ~FileStorage() override;

  void start() override;
  void stop() noexcept override;

  StorageTraits traits() const noexcept override;
  void upgrade() override;
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override;
  std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                 const SplitFilter& filter) override;
  [[nodiscard]] WriteReport write(const WriteSet& set) override;
  void remove_metrics(std::span<const MetricId> metrics) override;

 private:
  struct Layout {
    Descriptor base;
    std::unique_ptr<Scratch> scratch;
    int subdir_length = 0;
    std::uint32_t sack_count = 0;
  };

  /// What upgrade() has made, opened at the first need. Throws Error{unavailable} if it is not
  /// there, so that a disk not mounted does not look like an empty one.
  const Layout& layout();
  int find_subdir_length(int base) const;
  static std::set<std::uint32_t> sacks_of(std::span<const MetricId> metrics, const Layout& store);
  void sync(const Layout& layout) const;

  const std::string basepath_;
  const int subdir_length_option_;
  const SyncMode sync_mode_;
  plugin::Log& log_;
  std::mutex mutex_;  ///< guards the making of layout_
  std::unique_ptr<Layout> layout_;
};

}  // namespace gnocchi::file
