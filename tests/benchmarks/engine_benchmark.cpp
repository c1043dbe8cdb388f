// Speed of the time-series engine alone: no storage, no index.
#include <benchmark/benchmark.h>

#include "core/timeseries/pass.h"
#include "core/timeseries/raw_codec.h"
#include "core/timeseries/resample.h"
#include "core/timeseries/split_codec.h"

namespace {

using namespace gnocchi;
using namespace gnocchi::timeseries;
using namespace std::chrono_literals;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'699'999'200 * kSecond;

/// A gauge as machines have it: a slow wave with noise, two decimals.
double gauge(std::int64_t i) {
  return static_cast<double>((i * 7919) % 1000 + (i % 360) * 10) / 100.0;
}

std::vector<Measure> measures(std::int64_t from, std::int64_t count, std::int64_t step_s) {
  std::vector<Measure> out;
  for (std::int64_t i = from; i < from + count; ++i) {
    out.push_back({Timestamp{Timespan{kStart + i * step_s * kSecond}}, gauge(i)});
  }
  return out;
}

Series series(std::int64_t count, std::int64_t step_s) {
  Series out;
  for (std::int64_t i = 0; i < count; ++i) {
    out.times.push_back(kStart + i * step_s * kSecond);
    out.values.push_back(gauge(i));
  }
  return out;
}

const std::vector<std::string> kDefaultMethods{"count", "max", "mean", "min", "std", "sum"};

/// Six methods at one granularity.
AggregationPlan low() {
  return AggregationPlan({"low", 0, {{5min, 8640, 8640 * 5min}}, kDefaultMethods});
}

/// Six methods at three granularities: 18 aggregates.
AggregationPlan high() {
  return AggregationPlan(
      {"high", 0, {{1s, 3600, 1h}, {1min, 10080, 168h}, {1h, 8760, 8760h}}, kDefaultMethods});
}

/// One pass over a stored raw series, split objects not there yet (as for patches in place).
void run_pass(benchmark::State& state, const AggregationPlan& plan, const Bytes& raw,
              const std::vector<Measure>& fresh, bool partial_writes) {
  for (auto _ : state) {
    MetricPass pass(plan, MetricId{}, partial_writes);
    pass.start(raw, fresh);
    const std::vector<std::optional<StoredObject>> absent(pass.reads().size());
    benchmark::DoNotOptimize(pass.finish(absent));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(fresh.size()));
}

/// The last point of a block of 300, so that none of the others goes.
void one_point_into_300(benchmark::State& state) {
  run_pass(state, low(), encode_raw(series(299, 1)), measures(299, 1, 1), state.range(0) != 0);
}
BENCHMARK(one_point_into_300)->Arg(0)->Arg(1)->ArgName("partial_writes");

void three_hundred_points_low(benchmark::State& state) {
  run_pass(state, low(), encode_raw(series(300, 1)), measures(300, 300, 1), false);
}
BENCHMARK(three_hundred_points_low);

void three_hundred_points_18_aggregates(benchmark::State& state) {
  run_pass(state, high(), encode_raw(series(300, 1)), measures(300, 300, 1), state.range(0) != 0);
}
BENCHMARK(three_hundred_points_18_aggregates)->Arg(0)->Arg(1)->ArgName("partial_writes");

void one_point_rewrites_full_splits(benchmark::State& state) {
  const AggregationPlan plan = high();
  const Bytes raw = encode_raw(series(300, 1));
  const auto fresh = measures(300, 1, 1);
  const Series full = series(3600, 1);
  const StoredObject stored{encode_compressed({kStart, kSecond}, full.times, full.values), 0};
  for (auto _ : state) {
    MetricPass pass(plan, MetricId{}, false);
    pass.start(raw, fresh);
    const std::vector<std::optional<StoredObject>> objects(pass.reads().size(), stored);
    benchmark::DoNotOptimize(pass.finish(objects));
  }
}
BENCHMARK(one_point_rewrites_full_splits);

void percentiles_of_3600_points(benchmark::State& state) {
  const AggregationPlan plan({"p", 0, {{1h, {}, {}}}, {"50pct", "95pct", "99pct", "median"}});
  run_pass(state, plan, "", measures(0, 3600, 1), false);
}
BENCHMARK(percentiles_of_3600_points);

void encode_raw_300(benchmark::State& state) {
  const Series points = series(300, 1);
  for (auto _ : state) benchmark::DoNotOptimize(encode_raw(points));
}
BENCHMARK(encode_raw_300);

void decode_raw_300(benchmark::State& state) {
  const Bytes raw = encode_raw(series(300, 1));
  for (auto _ : state) benchmark::DoNotOptimize(decode_raw(raw));
}
BENCHMARK(decode_raw_300);

constexpr SplitGrid kGrid{kStart, kSecond};

void encode_split_3600(benchmark::State& state) {
  const Series points = series(3600, 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(encode_compressed(kGrid, points.times, points.values));
  }
}
BENCHMARK(encode_split_3600);

/// What a GET of a full split costs the engine.
void decode_split_3600(benchmark::State& state) {
  const Series points = series(3600, 1);
  const bool padded = state.range(0) != 0;
  const Bytes data = padded ? encode_padded_whole(kGrid, points.times, points.values)
                            : encode_compressed(kGrid, points.times, points.values);
  for (auto _ : state) {
    Series out;
    decode_split(data, kGrid, out);
    benchmark::DoNotOptimize(out.values.data());
  }
  state.SetItemsProcessed(state.iterations() * 3600);
}
BENCHMARK(decode_split_3600)->Arg(0)->Arg(1)->ArgName("padded");

void resample_3600_to_minutes(benchmark::State& state) {
  const Series points = series(3600, 1);
  const Method mean = Method::parse("mean").value();
  for (auto _ : state) benchmark::DoNotOptimize(resample(points, mean, 1min));
}
BENCHMARK(resample_3600_to_minutes);

}  // namespace

BENCHMARK_MAIN();
