// From bodies to measures, and from aggregates to answers: points per second of one thread.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "api/measure_rows.h"
#include "api/measures_body.h"
#include "core/index/timestamp_writer.h"
#include "core/index/timestamps.h"

namespace {

using namespace gnocchi;

constexpr Timestamp kNow{Timespan{1'700'000'000'000'000'000}};
constexpr std::int64_t kSecond = 1'000'000'000;

enum Form { iso = 0, number = 1 };

std::string point(Form form, int i) {
  char text[index::kTimestampText];
  const std::int64_t seconds = 1'600'000'000 + i * 60;
  char* end = index::put_timestamp(text, Timestamp{Timespan{seconds * kSecond}});
  const std::string time(text, end);
  return "{\"timestamp\": " + (form == iso ? '"' + time + '"' : std::to_string(seconds) + ".5") +
         ", \"value\": " + std::to_string(0.1 + i * 1.37) + "}";
}

std::string list(Form form, int points) {
  std::string body = "[";
  for (int i = 0; i < points; ++i) body += (i ? ", " : "") + point(form, i);
  return body + "]";
}

void list_of_points(benchmark::State& state) {
  const auto points = static_cast<int>(state.range(1));
  const std::string body = list(static_cast<Form>(state.range(0)), points);
  for (auto _ : state) benchmark::DoNotOptimize(api::parse_measures(body, kNow));
  state.SetItemsProcessed(state.iterations() * points);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(list_of_points)->ArgsProduct({{iso, number}, {1, 100, 10'000}});

void batch_of_metrics(benchmark::State& state) {
  const auto points = static_cast<int>(state.range(1));
  std::string body = "{";
  for (int i = 0; i < state.range(0); ++i) {
    body += (i ? ", \"" : "\"") + Uuid::random().to_string() + "\": " + list(iso, points);
  }
  body += "}";
  for (auto _ : state) benchmark::DoNotOptimize(api::parse_metrics_measures(body, kNow));
  state.SetItemsProcessed(state.iterations() * state.range(0) * points);
}
BENCHMARK(batch_of_metrics)->Args({100, 100})->Args({1000, 1});

// Ceilometer's: 100 resources of 5 metrics with a point each.
void batch_of_resources(benchmark::State& state) {
  std::string body = "{";
  for (int r = 0; r < 100; ++r) {
    body += (r ? ", \"" : "\"") + Uuid::random().to_string() + "\": {";
    for (int m = 0; m < 5; ++m) {
      body += (m ? ", \"" : "\"") + std::string("disk.device.read.bytes") + std::to_string(m) +
              R"(": {"archive_policy_name": "ceilometer-low", "unit": "B", "measures": )" +
              list(iso, 1) + "}";
    }
    body += "}";
  }
  body += "}";
  for (auto _ : state) benchmark::DoNotOptimize(api::parse_resources_measures(body, "u:p", kNow));
  state.SetItemsProcessed(state.iterations() * 500);
}
BENCHMARK(batch_of_resources);

void rows_of_an_answer(benchmark::State& state) {
  std::vector<std::int64_t> times;
  std::vector<double> values;
  for (int i = 0; i < state.range(0); ++i) {
    times.push_back((1'600'000'000 + i * 300) * kSecond);
    values.push_back(state.range(1) == 0 ? i * 7919 % 1000 / 8.0 : 0.1 + i * 1.37);
  }
  for (auto _ : state) {
    std::string out;
    api::MeasureRows rows(out);
    rows.add(times, values, "300.0");
    rows.end();
    benchmark::DoNotOptimize(out);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(rows_of_an_answer)
    ->ArgsProduct({{300, 8640}, {0, 1}})
    ->ArgNames({"points", "long_numbers"});

}  // namespace

BENCHMARK_MAIN();
