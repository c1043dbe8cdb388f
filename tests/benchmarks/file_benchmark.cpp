// Storage and incoming on local files: what an append and a processing pass cost the driver.
// Argument "sync": 0 is file_sync = off, 1 is commit. TMPDIR chooses the disk.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "file_incoming.h"
#include "file_storage.h"

namespace gnocchi::file {
namespace {

using namespace std::chrono_literals;

class Options final : public plugin::Options {
 public:
  Options(std::string basepath, bool sync) : basepath_(std::move(basepath)), sync_(sync) {}
  std::string text(std::string_view name) const override {
    return name == "file_sync" ? (sync_ ? "commit" : "off") : basepath_;
  }
  std::int64_t integer(std::string_view) const override { return 2; }
  double real(std::string_view) const override { return 0; }
  bool boolean(std::string_view) const override { return false; }
  std::chrono::nanoseconds duration(std::string_view) const override { return {}; }
  bool has(std::string_view) const override { return true; }

 private:
  std::string basepath_;
  bool sync_;
};

class NoLog final : public plugin::Log {
 public:
  void write(Level, std::string_view) override {}
  bool enabled(Level) const override { return false; }
};

template <class Driver>
class Started {
 public:
  explicit Started(bool sync)
      : path_(std::filesystem::temp_directory_path() /
              ("gnocchi-benchmark-" + Uuid::random().to_string())),
        options_(path_.string(), sync),
        context_{options_, log_, "benchmark"},
        driver(context_) {
    driver.start();
  }
  ~Started() {
    driver.stop();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

 private:
  std::filesystem::path path_;
  Options options_;
  NoLog log_;
  plugin::Context context_;

 public:
  Driver driver;
};

std::vector<Bundle> bundles(std::int64_t count) {
  std::vector<Bundle> list;
  for (std::int64_t i = 0; i < count; ++i) {
    list.push_back({MetricId(Uuid::random()), std::string(16, 'm')});
  }
  return list;
}

std::unique_ptr<Started<FileIncoming>> shared_incoming;

void append(benchmark::State& state) {
  if (state.thread_index() == 0) {
    shared_incoming = std::make_unique<Started<FileIncoming>>(state.range(1) != 0);
    shared_incoming->driver.upgrade(128);
  }
  const auto list = bundles(state.range(0));
  for (auto _ : state) shared_incoming->driver.append(list);
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) shared_incoming.reset();
}
BENCHMARK(append)
    ->ArgNames({"bundles", "sync"})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Args({500, 0})
    ->Args({500, 1})
    ->UseRealTime();
BENCHMARK(append)
    ->ArgNames({"bundles", "sync"})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Args({500, 0})
    ->Threads(16)
    ->UseRealTime();

/// Reading and acknowledging everything that 1,000 appends of one bundle have left.
void drain(benchmark::State& state) {
  Started<FileIncoming> started(state.range(0) != 0);
  started.driver.upgrade(128);
  const auto list = bundles(1000);
  for (auto _ : state) {
    state.PauseTiming();
    for (const Bundle& bundle : list) started.driver.append(std::span(&bundle, 1));
    state.ResumeTiming();
    for (std::uint32_t sack = 0; sack < 128; ++sack) {
      started.driver.acknowledge(started.driver.read_sack(SackNumber{sack}, 16U << 20));
    }
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(drain)->ArgNames({"sync"})->Arg(0)->UseRealTime();

/// A pass over metrics that got one point each: the raw series read, six padded splits patched, the
/// raw series replaced.
/// "metrics" are in one call; items are metrics.
void write_steady(benchmark::State& state) {
  Started<FileStorage> started(state.range(1) != 0);
  started.driver.upgrade();
  WriteSet set;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    MetricWrites& writes = set.metrics.emplace_back();
    writes.metric = MetricId(Uuid::random());
    for (const char* method : {"mean", "min", "max", "sum", "count", "std"}) {
      writes.splits.push_back(
          {SplitKey{Timestamp(1'420'128'000s), 60s, method}, 0, std::string("\1valuevalue", 9)});
    }
    writes.raw = std::string(960, 'r');
  }
  std::vector<ObjectRef> refs;
  for (const MetricWrites& writes : set.metrics) refs.push_back({writes.metric, std::nullopt});
  std::uint64_t point = 0;
  const auto pass = [&] {
    for (MetricWrites& writes : set.metrics) {
      for (SplitWrite& split : writes.splits) split.offset = point % 3600 * 9;
    }
    const auto raws = started.driver.read(refs);  // a pass knows what it writes over
    for (std::size_t i = 0; i < raws.size(); ++i) {
      set.metrics[i].expected_version = raws[i] ? raws[i]->version : 0;
    }
    benchmark::DoNotOptimize(started.driver.write(set));
    ++point;
  };
  // Steady: when files are there, and those that were replaced are written again.
  const auto warm = std::chrono::steady_clock::now() + 3s;
  while (std::chrono::steady_clock::now() < warm) pass();
  for (auto _ : state) pass();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(write_steady)
    ->ArgNames({"metrics", "sync"})
    ->Args({100, 0})
    ->Args({100, 1})
    ->Iterations(50)
    ->UseRealTime();
BENCHMARK(write_steady)
    ->ArgNames({"metrics", "sync"})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Iterations(1000)
    ->UseRealTime();

/// The other half of such a pass: the raw series and six splits of each of 100 metrics.
void read_steady(benchmark::State& state) {
  Started<FileStorage> started(false);
  started.driver.upgrade();
  WriteSet set;
  std::vector<ObjectRef> refs;
  for (int i = 0; i < 100; ++i) {
    MetricWrites& writes = set.metrics.emplace_back();
    writes.metric = MetricId(Uuid::random());
    refs.push_back({writes.metric, std::nullopt});
    for (const char* method : {"mean", "min", "max", "sum", "count", "std"}) {
      const SplitKey key{Timestamp(1'420'128'000s), 60s, method};
      writes.splits.push_back({key, 0, std::string(9000, '\1')});
      refs.push_back({writes.metric, key});
    }
    writes.raw = std::string(960, 'r');
  }
  benchmark::DoNotOptimize(started.driver.write(set));
  for (auto _ : state) benchmark::DoNotOptimize(started.driver.read(refs));
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(read_steady)->UseRealTime();

}  // namespace
}  // namespace gnocchi::file

BENCHMARK_MAIN();
