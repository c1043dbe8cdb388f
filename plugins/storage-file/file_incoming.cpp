#include "file_incoming.h"

#include <fcntl.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <unordered_map>
#include <utility>

#include "gnocchi/error.h"
#include "incoming_log_format.h"

namespace gnocchi::file {
namespace {

constexpr char kConfigPath[] = "tmp/gnocchi-config";
constexpr char kSacksKey[] = "sacks";
constexpr std::int64_t kMostSacks = 65'536;
// One frame is sealed and read as a whole; a request is smaller unless somebody raised its limit.
constexpr std::size_t kFrameBytes = 64U << 20;

struct FileReceipt final : Receipt {
  std::vector<LogIndex::Section> sections;
  std::vector<PythonPending::File> python_files;
};

void check_sack_count(std::uint32_t sack_count) {
  if (sack_count >= 1 && sack_count <= kMostSacks) return;
  throw Error(Error::Code::invalid_config,
              std::to_string(sack_count) + " sacks: not in 1.." + std::to_string(kMostSacks));
}

void write_sack_count(int base, std::uint32_t sack_count) {
  write_small_file(base, kConfigPath,
                   "{\"" + std::string(kSacksKey) + "\": " + std::to_string(sack_count) + "}");
}

/// How many of the bundles, from the first on, go into one frame.
std::size_t frame_share(std::span<const Bundle> bundles) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (; count < bundles.size(); ++count) {
    bytes += bundles[count].data.size() + kBundleHeaderBytes;
    if (bytes > kFrameBytes && count > 0) break;
  }
  return count;
}

}  // namespace

struct FileIncoming::Store {
  Store(Descriptor opened, Descriptor used, const std::string& path, std::uint32_t sack_count,
        SyncMode sync_mode, plugin::Log& log)
      : base(std::move(opened)),
        in_use(std::move(used)),
        sacks(sack_count),
        writer(base.get(), sacks, sync_mode),
        index(base.get(), sacks, log),
        python(base.get(), sacks, log),
        listener(path + '/' + kLogDirectory) {}

  Descriptor base;
  Descriptor in_use;  ///< kLogDirectory, under a shared lock: the number of sacks stays as it is
  std::uint32_t sacks;
  IncomingLogWriter writer;
  LogIndex index;
  PythonPending python;
  ArrivalListener listener;
};

FileIncoming::FileIncoming(const plugin::Context& context)
    : basepath_(context.options.text("file_basepath")),
      sync_mode_(parse_sync_mode(context.options.text("file_sync"))),
      log_(context.log) {}

FileIncoming::~FileIncoming() = default;

void FileIncoming::start() {}

void FileIncoming::stop() noexcept {
  ready_ = nullptr;
  store_.reset();
}

FileIncoming::Store& FileIncoming::store() {
  if (Store* ready = ready_.load(std::memory_order_acquire)) return *ready;
  const std::scoped_lock guard(mutex_);
  if (!store_) {
    Descriptor base = open_if_there(AT_FDCWD, basepath_, O_RDONLY | O_DIRECTORY);
    if (!base || !read_setting(base.get(), kConfigPath, kSacksKey)) {
      throw Error(Error::Code::invalid_config,
                  basepath_ + '/' + kConfigPath + " is missing: run gnocchi-upgrade");
    }
    // A store that only Python's gnocchi-upgrade has seen lacks the log.
    make_directories(base.get(), kAckDirectory);
    Descriptor in_use = open_at(base.get(), kLogDirectory, O_RDONLY | O_DIRECTORY);
    if (!in_use) fail("open", kLogDirectory);
    lock(in_use.get(), LockMode::shared, kLogDirectory);
    const std::int64_t sacks = read_setting(base.get(), kConfigPath, kSacksKey).value_or(0);
    if (sacks < 1 || sacks > kMostSacks) {
      throw Error(Error::Code::corrupt_data,
                  basepath_ + '/' + kConfigPath + ": " + std::to_string(sacks) + " sacks");
    }
    store_ = std::make_unique<Store>(std::move(base), std::move(in_use), basepath_,
                                     static_cast<std::uint32_t>(sacks), sync_mode_, log_);
    ready_.store(store_.get(), std::memory_order_release);
  }
  return *store_;
}

void FileIncoming::upgrade(std::uint32_t sack_count) {
  make_directories(AT_FDCWD, basepath_);
  const Descriptor base = open_at(AT_FDCWD, basepath_, O_RDONLY | O_DIRECTORY);
  if (!base) fail("open", basepath_);
  make_directories(base.get(), "tmp");
  make_directories(base.get(), kAckDirectory);
  if (!read_setting(base.get(), kConfigPath, kSacksKey)) {
    check_sack_count(sack_count);
    write_sack_count(base.get(), sack_count);
  }
  store().python.make_sacks();
}

void FileIncoming::change_sack_count(std::uint32_t sack_count) {
  check_sack_count(sack_count);
  Store& here = store();
  if (!try_lock(here.in_use.get(), LockMode::exclusive, kLogDirectory)) {
    lock(here.in_use.get(), LockMode::shared, kLogDirectory);  // a failed change of mode drops it
    throw Error(Error::Code::unavailable, basepath_ + ": other programs still work with it");
  }
  if (report(false).bundles > 0) {
    lock(here.in_use.get(), LockMode::shared, kLogDirectory);
    throw Error(Error::Code::unavailable, basepath_ + ": measures wait to be processed");
  }
  here.python.remove_sacks();
  write_sack_count(here.base.get(), sack_count);
  stop();
  store().python.make_sacks();
}

std::uint32_t FileIncoming::sack_count() { return store().sacks; }

void FileIncoming::append(std::span<const Bundle> bundles) {
  Store& here = store();
  while (!bundles.empty()) {
    const std::size_t share = frame_share(bundles);
    std::string frame = encode_frame(bundles.first(share), here.sacks);
    here.writer.append(frame);
    bundles = bundles.subspan(share);
  }
}

SackBatch FileIncoming::read_sack(SackNumber sack, std::size_t max_bytes) {
  Store& here = store();
  SackBatch batch{sack, {}, nullptr, false};
  auto receipt = std::make_unique<FileReceipt>();
  // Python's are older: they are from before this program took over.
  here.python.read(sack, max_bytes, batch.bundles, receipt->python_files, batch.more);
  if (!batch.more) {
    receipt->sections = here.index.take(sack, max_bytes, batch.more);
    for (const LogIndex::Section& section : receipt->sections) {
      auto bundles = here.index.read(section);
      std::move(bundles.begin(), bundles.end(), std::back_inserter(batch.bundles));
    }
  }
  if (!receipt->sections.empty() || !receipt->python_files.empty()) {
    batch.receipt = std::move(receipt);
  }
  return batch;
}

void FileIncoming::acknowledge(const SackBatch& batch) {
  const auto* receipt = dynamic_cast<const FileReceipt*>(batch.receipt.get());
  if (!receipt) return;
  Store& here = store();
  here.index.acknowledge(batch.sack, receipt->sections);
  here.python.remove(batch.sack, receipt->python_files);
}

std::optional<std::vector<std::vector<Bytes>>> FileIncoming::read_pending(
    std::span<const MetricId> metrics, std::size_t max_bytes) {
  Store& here = store();
  std::vector<std::vector<Bytes>> pending(metrics.size());
  std::unordered_map<MetricId, std::size_t> places;
  std::unordered_map<SackNumber, std::vector<std::size_t>> by_sack;
  std::vector<SackNumber> sacks;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (!places.emplace(metrics[i], i).second) continue;
    auto& in_sack = by_sack[sack_of(metrics[i], here.sacks)];
    if (in_sack.empty()) sacks.push_back(sack_of(metrics[i], here.sacks));
    in_sack.push_back(i);
  }
  for (const SackNumber sack : sacks) {
    if (!here.python.may_have(sack)) continue;
    for (const std::size_t i : by_sack[sack]) {
      if (!here.python.read_metric(metrics[i], max_bytes, pending[i])) return std::nullopt;
    }
  }
  const auto sections = here.index.look(sacks, max_bytes);
  if (!sections) return std::nullopt;
  for (const LogIndex::Section& section : *sections) {
    for (Bundle& bundle : here.index.read(section)) {
      const auto place = places.find(bundle.metric);
      if (place != places.end()) pending[place->second].push_back(std::move(bundle.data));
    }
  }
  // A metric asked for twice gets its bundles twice.
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (const std::size_t first = places.at(metrics[i]); first != i) pending[i] = pending[first];
  }
  return pending;
}

IncomingReport FileIncoming::report(bool details) {
  Store& here = store();
  std::unordered_map<MetricId, std::uint64_t> counts;
  here.python.count([&](const MetricId& metric, std::uint64_t files) { counts[metric] += files; });
  for (std::uint32_t i = 0; i < here.sacks; ++i) {
    const SackNumber sack{i};
    const auto sections = here.index.look({&sack, 1}, std::numeric_limits<std::size_t>::max());
    for (const LogIndex::Section& section : sections.value()) {
      for (const Bundle& bundle : here.index.read(section)) ++counts[bundle.metric];
    }
  }
  IncomingReport report;
  report.metrics = counts.size();
  for (const auto& [metric, bundles] : counts) report.bundles += bundles;
  if (details) report.details.assign(counts.begin(), counts.end());
  return report;
}

std::vector<SackNumber> FileIncoming::with_pending(std::span<const SackNumber> sacks) {
  Store& here = store();
  std::vector<SackNumber> found = here.index.with_pending(sacks);
  for (const SackNumber sack : sacks) {
    if (std::find(found.begin(), found.end(), sack) == found.end() && here.python.may_have(sack)) {
      found.push_back(sack);
    }
  }
  return found;
}

std::vector<SackNumber> FileIncoming::wait(std::span<const SackNumber> sacks,
                                           std::chrono::steady_clock::time_point until) {
  Store& here = store();
  here.listener.listen_from_now();
  const std::uint64_t wakes = here.listener.wakes();
  while (true) {
    const std::uint64_t state = here.listener.state();
    auto news = here.index.take_news(sacks);
    if (!news.empty() || here.listener.wakes() != wakes ||
        std::chrono::steady_clock::now() >= until) {
      return news;
    }
    here.listener.wait(state, until);
  }
}

void FileIncoming::wake() noexcept {
  if (Store* here = ready_.load(std::memory_order_acquire)) here->listener.wake();
}

}  // namespace gnocchi::file
