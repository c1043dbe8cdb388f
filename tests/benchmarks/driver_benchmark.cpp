// What metricd's work costs on each local driver, in one run: whole passes of the pipeline, without
// index and REST. Prints a table; the ratios between its lines are what it is for. All rates are of
// processor time, the driver's background threads included, which other load on the machine does
// not change much; what the disk takes is not in them.
//
// usage: gnocchi-driver-benchmark [METRICS [SYNC [MIB [DRIVER]]]]
//   METRICS: 5000; SYNC: off (default) or commit; MIB of raw series that are remembered between
//   passes: 128; DRIVER: all (default) or a name of the table
//
// TMPDIR chooses the disk. Each driver runs in a process of its own, so that memory is its own,
// too.
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/pipeline/ingest.h"
#include "core/pipeline/measures_codec.h"
#include "core/pipeline/metric_store.h"
#include "file_incoming.h"
#include "file_storage.h"
#ifdef GNOCCHI_BENCHMARK_ROCKSDB
#include "rocks_incoming.h"
#include "rocks_storage.h"
#endif

namespace {

using namespace gnocchi;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::uint32_t kSacks = 128;
constexpr std::uint32_t kSacksAPass = 16;  // as metricd in a backlog
constexpr std::uint32_t kWorkers = 2;
constexpr std::size_t kMetricsARequest = 500;  // Ceilometer's batch
constexpr std::size_t kMetricsABatch = 100;
constexpr std::int64_t kPointsABatch = 100;
constexpr int kRounds = 20;
constexpr std::int64_t kManyPoints = 300;
constexpr auto kStart = Timestamp(1'699'920'000s);
constexpr auto kStep = 300s;  // one aggregated point of policy "low" each

class Options final : public plugin::Options {
 public:
  explicit Options(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}
  std::string text(std::string_view name) const override { return texts_.at(std::string(name)); }
  std::int64_t integer(std::string_view name) const override { return std::stoll(text(name)); }
  double real(std::string_view name) const override { return std::stod(text(name)); }
  bool boolean(std::string_view name) const override { return text(name) == "true"; }
  std::chrono::nanoseconds duration(std::string_view name) const override {
    return std::chrono::seconds(integer(name));
  }
  bool has(std::string_view name) const override { return texts_.contains(std::string(name)); }

 private:
  std::map<std::string, std::string> texts_;
};

class ToStderr final : public plugin::Log {
 public:
  void write(Level level, std::string_view message) override {
    if (level < Level::warning) return;
    std::fprintf(stderr, "%.*s\n", static_cast<int>(message.size()), message.data());
  }
  bool enabled(Level level) const override { return level >= Level::warning; }
};

/// Processor time of the whole process so far.
double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_of(const std::function<void()>& work) {
  const double begin = processor_seconds();
  work();
  return processor_seconds() - begin;
}

std::uint64_t disk_bytes(const fs::path& path) {
  std::uint64_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    struct stat status {};
    if (::lstat(entry.path().c_str(), &status) == 0) {
      bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
    }
  }
  return bytes;
}

double peak_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

pipeline::Plan plan_of(const std::vector<std::pair<Timespan, std::uint64_t>>& granularities) {
  ArchivePolicy policy;
  policy.name = "benchmark";
  for (const auto& [granularity, points] : granularities) {
    policy.definition.push_back(
        {granularity, points, granularity * static_cast<std::int64_t>(points)});
  }
  policy.aggregation_methods = {"count", "max", "mean", "min", "std", "sum"};
  return std::make_shared<timeseries::AggregationPlan>(policy);
}

/// Of the raw series that are remembered between passes.
std::size_t raw_cache_bytes = std::size_t{128} << 20;

/// One driver's storage and incoming, and the metrics that it gets measures of.
class Bench {
 public:
  Bench(StorageDriver& storage, IncomingDriver& incoming, std::size_t metrics)
      : storage_(storage), incoming_(incoming) {
    storage_.start();
    incoming_.start();
    storage_.upgrade();
    incoming_.upgrade(kSacks);
    for (std::size_t i = 0; i < metrics; ++i) metrics_.emplace_back(Uuid::random());
  }

  std::size_t metrics() const { return metrics_.size(); }
  const pipeline::Plan& low() const { return low_; }
  const pipeline::Plan& high() const { return high_; }
  void fresh_metrics(std::size_t count) {
    metrics_.clear();
    for (std::size_t i = 0; i < count; ++i) metrics_.emplace_back(Uuid::random());
  }

  /// The next `points` of each metric, in requests of many metrics; the seconds that accepting
  /// them took.
  double accept(std::int64_t points, Timespan step = kStep,
                std::size_t metrics_a_request = kMetricsARequest) {
    double seconds = 0;
    std::vector<pipeline::MetricMeasures> request;
    const auto send = [&] {
      seconds += seconds_of([&] { pipeline::accept(incoming_, request); });
      request.clear();
    };
    for (const MetricId& metric : metrics_) {
      auto& measures = request.emplace_back(pipeline::MetricMeasures{metric, {}}).measures;
      for (std::int64_t i = sent_; i < sent_ + points; ++i) {
        measures.push_back({kStart + i * step, static_cast<double>((i * 7919) % 1000) / 8});
      }
      if (request.size() == metrics_a_request) send();
    }
    send();
    sent_ += points;
    return seconds;
  }

  void drain(const pipeline::Plan& plan) {
    for (std::uint32_t first = 0; first < kSacks; first += kSacksAPass) pass(first, plan);
  }
  /// As drain(), by some threads.
  void drain_together(const pipeline::Plan& plan) {
    std::vector<std::jthread> workers;
    for (std::uint32_t worker = 0; worker < kWorkers; ++worker) {
      workers.emplace_back([this, worker, &plan] {
        for (std::uint32_t first = worker * kSacksAPass; first < kSacks;
             first += kWorkers * kSacksAPass) {
          pass(first, plan);
        }
      });
    }
  }

  void stop() {
    incoming_.stop();
    storage_.stop();
  }

 private:
  void pass(std::uint32_t first, const pipeline::Plan& plan) {
    std::vector<SackBatch> batches;
    std::unordered_map<MetricId, std::vector<Measure>> measures;
    for (std::uint32_t sack = first; sack < first + kSacksAPass; ++sack) {
      batches.push_back(incoming_.read_sack(SackNumber{sack}, 64U << 20));
      for (const Bundle& bundle : batches.back().bundles) {
        pipeline::decode_measures(bundle.data, measures[bundle.metric]);
      }
    }
    std::vector<pipeline::MetricWork> work;
    for (auto& [metric, own] : measures) work.push_back({metric, plan, own});
    if (!work.empty())
      pipeline::store_measures(storage_, raw_cache_, log_, work, [] { return true; });
    for (const SackBatch& batch : batches) incoming_.acknowledge(batch);
  }

  StorageDriver& storage_;
  IncomingDriver& incoming_;
  pipeline::RawCache raw_cache_{raw_cache_bytes};
  ToStderr log_;
  const pipeline::Plan low_ = plan_of({{300s, 8640}});
  const pipeline::Plan high_ = plan_of({{1s, 3600}, {60s, 10080}, {3600s, 8760}});
  std::vector<MetricId> metrics_;
  std::int64_t sent_ = 0;
};

struct Figures {
  double accepted = 0;       ///< bundles of one point a second, 500 a request
  double accepted_many = 0;  ///< points a second, 100 metrics of 100 points a request
  double drained_one = 0;    ///< metrics a second, one point each, 6 aggregates
  double drained_two = 0;    ///< the same, by two workers
  double drained_18 = 0;     ///< the same, 18 aggregates at three granularities
  double drained_many = 0;   ///< points a second, 300 a metric
  double bytes_a_point = 0;  ///< on disk, per aggregated point of the metrics with 300
  double peak_mib = 0;
};

Figures measure(StorageDriver& storage, IncomingDriver& incoming, std::size_t metrics) {
  Figures figures;
  Bench bench(storage, incoming, metrics);
  bench.accept(1);
  bench.drain(bench.low());
  double accepting = 0;
  double draining = 0;
  double draining_together = 0;
  for (int round = 0; round < kRounds; ++round) {
    accepting += bench.accept(1);
    draining += seconds_of([&] { bench.drain(bench.low()); });
    accepting += bench.accept(1);
    draining_together += seconds_of([&] { bench.drain_together(bench.low()); });
  }
  const double many = static_cast<double>(metrics) * kRounds;
  figures.accepted = 2 * many / accepting;
  figures.drained_one = many / draining;
  figures.drained_two = many / draining_together;

  bench.fresh_metrics(metrics / 2);
  bench.accept(1, 1s);
  bench.drain(bench.high());
  draining = 0;
  for (int round = 0; round < kRounds; ++round) {
    bench.accept(1, 1s);
    draining += seconds_of([&] { bench.drain(bench.high()); });
  }
  figures.drained_18 = many / 2 / draining;

  bench.fresh_metrics(metrics / 5);
  bench.accept(kManyPoints);
  draining = seconds_of([&] { bench.drain(bench.low()); });
  figures.drained_many = static_cast<double>(bench.metrics()) * kManyPoints / draining;

  bench.fresh_metrics(metrics);
  accepting = bench.accept(kPointsABatch, kStep, kMetricsABatch);
  figures.accepted_many = static_cast<double>(metrics) * kPointsABatch / accepting;
  bench.stop();
  figures.peak_mib = peak_mib();
  return figures;
}

/// On disk, per aggregated point, of metrics with 300 of each of six methods; when `settle` has
/// done what the driver does in the background.
Figures measure_size(StorageDriver& storage, IncomingDriver& incoming, const fs::path& path,
                     std::size_t metrics, const std::function<void()>& settle) {
  Bench bench(storage, incoming, metrics);
  bench.accept(kManyPoints);
  bench.drain(bench.low());
  bench.stop();
  settle();
  Figures figures;
  figures.bytes_a_point = static_cast<double>(disk_bytes(path)) /
                          static_cast<double>(bench.metrics() * kManyPoints * 6);
  return figures;
}

/// Runs `body` in a child process.
Figures apart(const std::function<Figures()>& body) {
  int ends[2];
  if (::pipe(ends) < 0) throw std::runtime_error("pipe");
  const pid_t pid = ::fork();
  if (pid == 0) {
    const Figures figures = body();
    const bool told = ::write(ends[1], &figures, sizeof figures) == sizeof figures;
    ::_exit(told ? 0 : 1);
  }
  ::close(ends[1]);
  Figures figures;
  const ssize_t n = ::read(ends[0], &figures, sizeof figures);
  ::close(ends[0]);
  ::waitpid(pid, nullptr, 0);
  if (n != sizeof figures) throw std::runtime_error("a driver's process failed");
  return figures;
}

template <class Storage, class Incoming>
void row(const std::string& name, std::map<std::string, std::string> options,
         const std::string& path_option, const fs::path& base, std::size_t metrics,
         const std::function<void(const plugin::Options&)>& settle) {
  const auto with_drivers = [&](const char* directory, const auto& body) {
    const fs::path path = base / name / directory;
    fs::create_directories(path);
    options[path_option] = path;
    return apart([&] {
      const Options values(options);
      ToStderr log;
      const plugin::Context context{values, log, "benchmark"};
      Storage storage(context);
      Incoming incoming(context);
      return body(storage, incoming, path, values);
    });
  };
  const Figures f = with_drivers(
      "speed", [&](Storage& storage, Incoming& incoming, const fs::path&, const plugin::Options&) {
        return measure(storage, incoming, metrics);
      });
  const Figures size =
      with_drivers("size", [&](Storage& storage, Incoming& incoming, const fs::path& path,
                               const plugin::Options& values) {
        return measure_size(storage, incoming, path, metrics / 5, [&] { settle(values); });
      });
  std::printf("%-8s %12.0f %12.0f %12.0f %12.0f %12.0f %12.0f %12.2f %8.0f\n", name.c_str(),
              f.accepted, f.accepted_many, f.drained_one, f.drained_two, f.drained_18,
              f.drained_many, size.bytes_a_point, f.peak_mib);
  std::fflush(stdout);
}

#ifdef GNOCCHI_BENCHMARK_ROCKSDB
/// Everything out of memory and log into tables, as time does.
void compact(const plugin::Options& options) {
  rocks::Database database(rocks::DatabaseOptions::from(options), false);
  for (std::size_t i = 0; i < rocks::kFamilies; ++i) {
    rocksdb::CompactRangeOptions all;
    all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    const auto status = database.db().CompactRange(
        all, database.family(static_cast<rocks::Family>(i)), nullptr, nullptr);
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }
}
#endif

}  // namespace

int main(int argc, char** argv) {
  const std::size_t metrics = argc > 1 ? std::stoul(argv[1]) : 5000;
  const std::string sync = argc > 2 ? argv[2] : "off";
  if (argc > 3) raw_cache_bytes = std::stoul(argv[3]) << 20U;
  const std::string driver = argc > 4 ? argv[4] : "all";
  const fs::path base =
      fs::temp_directory_path() / ("gnocchi-benchmark-" + Uuid::random().to_string());
  std::printf("%zu metrics, sync = %s, %zu MiB of raw series remembered\n", metrics, sync.c_str(),
              raw_cache_bytes >> 20U);
  std::printf("%-8s %12s %12s %12s %12s %12s %12s %12s %8s\n", "driver", "accept/s", "points/s",
              "drain 1/s", "2 workers/s", "18 aggr./s", "drain 300/s", "bytes/point", "MiB");
  std::fflush(stdout);
  const auto wanted = [&](const std::string& name) { return driver == "all" || driver == name; };
  if (wanted("file")) {
    row<file::FileStorage, file::FileIncoming>("file",
                                               {{"file_subdir_len", "2"}, {"file_sync", sync}},
                                               "file_basepath", base, metrics, [](const auto&) {});
  }
#ifdef GNOCCHI_BENCHMARK_ROCKSDB
  for (const std::string compression : {"none", "lz4", "zstd"}) {
    if (!wanted("r-" + compression)) continue;
    row<rocks::RocksStorage, rocks::RocksIncoming>("r-" + compression,
                                                   {{"rocksdb_sync", sync},
                                                    {"rocksdb_sync_interval", "1"},
                                                    {"rocksdb_block_cache_mib", "32"},
                                                    {"rocksdb_write_buffer_mib", "32"},
                                                    {"rocksdb_max_open_files", "256"},
                                                    {"rocksdb_background_jobs", "2"},
                                                    {"rocksdb_compression", compression}},
                                                   "rocksdb_path", base, metrics, compact);
  }
#endif
  fs::remove_all(base);
  return 0;
}
