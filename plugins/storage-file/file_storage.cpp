#include "file_storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "gnocchi/error.h"
#include "metric_paths.h"
#include "metric_writer.h"
#include "split_lister.h"
#include "write_guard.h"

namespace gnocchi::file {
namespace {

constexpr char kStorageConfigPath[] = "tmp/gnocchi-storage-config";
constexpr char kSubdirKey[] = "subdir_len";
constexpr char kSacksPath[] = "tmp/gnocchi-config";
constexpr char kIncomingSacksKey[] = "sacks";
/// Where measures come in elsewhere; the number matters only for who waits for whom.
constexpr std::uint32_t kOtherSacks = 128;
/// Longer than a batch takes to write; it is waited for only where a lock was lost.
constexpr std::chrono::seconds kWriteWait{10};

std::optional<StoredObject> read_split(int directory, const std::string& path) {
  const Descriptor fd = open_if_there(directory, path, O_RDONLY);
  if (!fd) return std::nullopt;
  lock(fd.get(), LockMode::shared, path);  // against a patch in the middle
  return StoredObject{read_whole(fd.get(), path), 0};
}

std::optional<StoredObject> read_raw(int directory, const std::string& path) {
  while (const Descriptor fd = open_if_there(directory, path, O_RDONLY)) {
    // Locked, the file cannot be written again as another one's. Was it, before it was locked?
    lock(fd.get(), LockMode::shared, path);
    struct stat opened {};
    struct stat named {};
    if (::fstat(fd.get(), &opened) < 0) fail("read", path);
    if (::fstatat(directory, path.c_str(), &named, 0) < 0 && errno != ENOENT) fail("read", path);
    if (opened.st_ino == named.st_ino) {
      return StoredObject{read_whole(fd.get(), path), version_of(opened)};
    }
  }
  return std::nullopt;
}

std::optional<StoredObject> read_object(int directory, const std::string& prefix,
                                        const std::optional<SplitKey>& split) {
  const std::string path = prefix + object_path(split);
  return split ? read_split(directory, path) : read_raw(directory, path);
}

/// Directories of Gnocchi before 4.0 stand directly in the base directory.
bool has_undivided_metrics(int base) {
  const auto names = list_directory(base, ".");
  if (!names) return false;
  return std::any_of(names->begin(), names->end(), [&](const std::string& name) {
    struct stat status {};
    return name.find('-') != std::string::npos && Uuid::parse(name) &&
           ::fstatat(base, name.c_str(), &status, 0) == 0 && S_ISDIR(status.st_mode);
  });
}

/// Removes directories that have become empty, innermost first.
void prune_parents(int base, std::string path) {
  for (auto slash = path.rfind('/'); slash != std::string::npos; slash = path.rfind('/')) {
    path.resize(slash);
    if (::unlinkat(base, path.c_str(), AT_REMOVEDIR) < 0) return;
  }
}

}  // namespace

FileStorage::FileStorage(const plugin::Context& context)
    : basepath_(context.options.text("file_basepath")),
      subdir_length_option_(static_cast<int>(context.options.integer("file_subdir_len"))),
      sync_mode_(parse_sync_mode(context.options.text("file_sync"))),
      log_(context.log) {}

FileStorage::~FileStorage() = default;

void FileStorage::start() {}

void FileStorage::stop() noexcept { layout_.reset(); }

StorageTraits FileStorage::traits() const noexcept {
  return {.partial_writes = true, .versioned = true};
}

const FileStorage::Layout& FileStorage::layout() {
  const std::scoped_lock guard(mutex_);
  if (layout_) return *layout_;
  auto made = std::make_unique<Layout>();
  made->base = open_if_there(AT_FDCWD, basepath_, O_RDONLY | O_DIRECTORY);
  const bool there = made->base && open_if_there(made->base.get(), "tmp", O_PATH | O_DIRECTORY);
  if (!there) {
    throw Error(Error::Code::unavailable,
                basepath_ + " holds no storage: run gnocchi-upgrade, or is a disk not mounted?");
  }
  made->scratch = std::make_unique<Scratch>(made->base.get());
  made->subdir_length = find_subdir_length(made->base.get());
  made->sack_count = static_cast<std::uint32_t>(std::max<std::int64_t>(
      1, read_setting(made->base.get(), kSacksPath, kIncomingSacksKey).value_or(kOtherSacks)));
  layout_ = std::move(made);
  return *layout_;
}

int FileStorage::find_subdir_length(int base) const {
  int length = subdir_length_option_;
  if (const auto stored = read_setting(base, kStorageConfigPath, kSubdirKey)) {
    if (*stored < 0 || *stored > 32) {
      throw Error(Error::Code::corrupt_data, basepath_ + '/' + kStorageConfigPath +
                                                 ": subdir_len " + std::to_string(*stored) +
                                                 " is not in 0..32");
    }
    length = static_cast<int>(*stored);
  } else if (has_undivided_metrics(base)) {
    length = 0;
  }
  if (length != subdir_length_option_) {
    log_.warning("file_subdir_len=" + std::to_string(subdir_length_option_) +
                 " is not used: basepath=" + basepath_ + " was made with " +
                 std::to_string(length));
  }
  return length;
}

void FileStorage::upgrade() {
  make_directories(AT_FDCWD, basepath_);
  const Descriptor base = open_at(AT_FDCWD, basepath_, O_RDONLY | O_DIRECTORY);
  if (!base) fail("open", basepath_);
  make_directories(base.get(), "tmp");
  if (read_setting(base.get(), kStorageConfigPath, kSubdirKey)) return;
  const int length = find_subdir_length(base.get());
  write_small_file(base.get(), kStorageConfigPath,
                   "{\"" + std::string(kSubdirKey) + "\": " + std::to_string(length) + "}");
}

std::vector<std::optional<StoredObject>> FileStorage::read(std::span<const ObjectRef> refs) {
  const Layout& store = layout();
  std::vector<std::optional<StoredObject>> objects;
  objects.reserve(refs.size());
  for (std::size_t i = 0; i < refs.size();) {
    const MetricId& metric = refs[i].metric;
    std::size_t end = i + 1;
    while (end < refs.size() && refs[end].metric == metric) ++end;
    const std::string path = metric_directory(metric, store.subdir_length);
    if (end == i + 1) {
      objects.push_back(read_object(store.base.get(), path + '/', refs[i].split));
    } else {
      // Several objects of one metric: the long way to its directory is gone only once.
      const Descriptor directory = open_if_there(store.base.get(), path, O_PATH | O_DIRECTORY);
      for (std::size_t k = i; k < end; ++k) {
        objects.push_back(directory ? read_object(directory.get(), "", refs[k].split)
                                    : std::nullopt);
      }
    }
    i = end;
  }
  return objects;
}

std::vector<std::vector<SplitKey>> FileStorage::list_splits(std::span<const MetricId> metrics,
                                                            const SplitFilter& filter) {
  const Layout& store = layout();
  const SplitLister lister(store.base.get(), filter);
  std::vector<std::vector<SplitKey>> lists;
  lists.reserve(metrics.size());
  for (const MetricId& metric : metrics) {
    lists.push_back(lister.list(metric_directory(metric, store.subdir_length)));
  }
  return lists;
}

std::set<std::uint32_t> FileStorage::sacks_of(std::span<const MetricId> metrics,
                                              const Layout& store) {
  std::set<std::uint32_t> sacks;
  for (const MetricId& metric : metrics) sacks.insert(sack_of(metric, store.sack_count).value);
  return sacks;
}

WriteReport FileStorage::write(const WriteSet& set) {
  const Layout& store = layout();
  std::vector<MetricId> metrics;
  metrics.reserve(set.metrics.size());
  for (const MetricWrites& writes : set.metrics) metrics.push_back(writes.metric);
  const WriteGuard guard(store.base.get(), sacks_of(metrics, store), kWriteWait);
  WriteReport report;
  report.verdicts.reserve(set.metrics.size());
  report.versions.reserve(set.metrics.size());
  std::vector<MetricWriter> staged;
  for (const MetricWrites& writes : set.metrics) {
    MetricWriter writer(store.base.get(), *store.scratch,
                        metric_directory(writes.metric, store.subdir_length));
    report.verdicts.push_back(writer.stage(writes));
    report.versions.push_back(writer.version());
    if (report.verdicts.back() != WriteVerdict::done) continue;
    if (sync_mode_ == SyncMode::off) {
      writer.publish();
    } else {
      staged.push_back(std::move(writer));
    }
  }
  if (staged.empty()) return report;
  // First the bytes, then the names: after a power cut no name leads to bytes that were lost, and
  // no raw series is newer than its splits.
  sync(store);
  for (MetricWriter& writer : staged) writer.publish();
  sync(store);
  return report;
}

void FileStorage::remove_metrics(std::span<const MetricId> metrics) {
  const Layout& store = layout();
  const int base = store.base.get();
  const WriteGuard guard(base, sacks_of(metrics, store), kWriteWait);
  for (const MetricId& metric : metrics) {
    const std::string path = metric_directory(metric, store.subdir_length);
    // Aside first: it vanishes as a whole, and what a kill leaves of it is swept up later.
    const std::string aside = store.scratch->next_path();
    if (::renameat(base, path.c_str(), base, aside.c_str()) < 0) {
      if (errno == ENOENT) continue;
      fail("remove", path);
    }
    remove_tree(base, aside);
    prune_parents(base, path);
  }
  if (sync_mode_ == SyncMode::commit) sync(store);
}

void FileStorage::sync(const Layout& store) const {
  // One call for a whole batch: syncing file by file costs twenty times as much from ten metrics
  // on, and twice as much for one.
  if (::syncfs(store.base.get()) < 0) fail("sync", basepath_);
}

}  // namespace gnocchi::file
