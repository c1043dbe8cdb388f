// gnocchi-injector: puts load on storage and index, past the API.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <thread>

#include "core/pipeline/heartbeat.h"
#include "core/pipeline/ingest.h"
#include "core/pipeline/processor.h"
#include "core/service/program.h"
#include "core/service/upgrade.h"
#include "gnocchi/error.h"

namespace {

using gnocchi::MetricId;
using gnocchi::plugin::OptionType;
using gnocchi::service::Program;
namespace pipeline = gnocchi::pipeline;
namespace service = gnocchi::service;

using Clock = std::chrono::steady_clock;

/// Points handed over in one call: 16 MiB of bundles.
constexpr std::size_t kPointsPerAppend = std::size_t{1} << 20;
/// Metrics made in one call of the index.
constexpr std::size_t kMetricsPerCall = 10'000;
constexpr std::chrono::seconds kLockWait{10};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string shown(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

class Injector {
 public:
  explicit Injector(Program& program)
      : program_(program),
        drivers_(program.drivers().drivers()),
        points_(static_cast<std::size_t>(program.arguments().integer("measures"))) {}

  void create_metrics() {
    const auto count = static_cast<std::size_t>(program_.arguments().integer("metrics"));
    const std::string policy = *program_.arguments().value("archive-policy-name");
    say("creating metrics=" + std::to_string(count));
    const auto start = Clock::now();
    while (metrics_.size() < count && !stopping()) {
      std::vector<gnocchi::NewMetric> fresh(std::min(kMetricsPerCall, count - metrics_.size()));
      for (gnocchi::NewMetric& metric : fresh) {
        metric.id = MetricId(gnocchi::Uuid::random());
        metric.creator = "admin";
        metric.archive_policy_name = policy;
        metrics_.push_back(metric.id);
      }
      const auto outcome = drivers_.indexer->metrics().create(fresh);
      if (std::any_of(outcome.begin(), outcome.end(), [](gnocchi::MetricCreation one) {
            return one != gnocchi::MetricCreation::created;
          })) {
        throw gnocchi::Error(gnocchi::Error::Code::invalid_config,
                             "--archive-policy-name " + policy + ": there is no such policy");
      }
    }
    say("created metrics=" + std::to_string(metrics_.size()) +
        " seconds=" + shown("%.2f", seconds_since(start)));
  }

  /// A measure a second from now on, of every metric.
  void push() {
    const auto start = Clock::now();
    const gnocchi::Timestamp now = std::chrono::system_clock::now();
    std::vector<pipeline::MetricMeasures> batch;
    std::size_t pending = 0;
    const auto send = [&] {
      pipeline::accept(*drivers_.incoming, batch);
      batch.clear();
      pending = 0;
    };
    for (const MetricId& metric : metrics_) {
      batch.push_back({metric, measures(now)});
      pending += points_;
      if (pending >= kPointsPerAppend) send();
    }
    send();
    report("pushed", start);
  }

  void process() {
    pipeline::Processor processor(*drivers_.storage, *drivers_.incoming, *drivers_.indexer,
                                  *drivers_.coordinator, program_.log());
    const pipeline::Heartbeat heartbeat(*drivers_.coordinator, program_.log());
    const auto start = Clock::now();
    const std::uint32_t sacks = drivers_.incoming->sack_count();
    for (std::uint32_t i = 0; i < sacks && !stopping(); ++i) {
      pipeline::PassReport pass;
      do {
        pass = processor.process_sack(gnocchi::SackNumber{i}, kLockWait);
      } while (pass.more || (pass.locked && !stopping()));
    }
    report("processed", start);
  }

  bool stopping() const { return program_.stopping().stop_requested(); }

 private:
  std::vector<gnocchi::Measure> measures(gnocchi::Timestamp now) {
    std::uniform_int_distribution<int> value(-999'999, 999'999);
    std::vector<gnocchi::Measure> all;
    all.reserve(points_);
    for (std::size_t i = 0; i < points_; ++i) {
      all.push_back({now + std::chrono::seconds(i), static_cast<double>(value(random_))});
    }
    return all;
  }

  void report(const char* what, Clock::time_point start) {
    const double seconds = seconds_since(start);
    const std::size_t total = points_ * metrics_.size();
    say(std::string(what) + " measures=" + std::to_string(total) +
        " seconds=" + shown("%.2f", seconds) + " measures_per_second=" +
        shown("%.0f", static_cast<double>(total) / std::max(seconds, 1e-9)));
  }

  void say(const std::string& line) { program_.log().info(line); }

  Program& program_;
  service::Drivers& drivers_;
  const std::size_t points_;
  std::vector<MetricId> metrics_;
  std::mt19937_64 random_{std::random_device{}()};
};

int inject(Program& program) {
  if (!program.start_drivers()) return service::kExitFailed;
  Injector injector(program);
  injector.create_metrics();
  const auto interval = std::chrono::seconds(program.arguments().integer("interval"));
  do {
    const auto next = Clock::now() + interval;
    injector.push();
    if (program.arguments().flag("process")) injector.process();
    while (Clock::now() < next && !injector.stopping()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  } while (interval.count() > 0 && !injector.stopping());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  service::ProgramSpec spec;
  spec.name = "gnocchi-injector";
  spec.summary =
      "Creates metrics and pushes measures of them into the incoming storage, past the API, to see "
      "what a deployment takes. The metrics stay; their creator is admin.";
  spec.options = {
      {.spec = {"metrics", OptionType::integer, "1", "metrics to create", false, false, 1, 1e9},
       .value_name = "N"},
      {.spec = {"measures", OptionType::integer, "1", "measures per metric", false, false, 1, 1e9},
       .value_name = "N"},
      {.spec = {"archive-policy-name", OptionType::text, "low", "archive policy of the metrics"},
       .value_name = "NAME"},
      {.spec = {"interval", OptionType::integer, "0",
                "seconds from one push to the next, until it is stopped; 0: push once", false,
                false, 0, 1e9},
       .value_name = "SECONDS"},
      {{"process", OptionType::boolean, nullptr,
        "process what was pushed, as gnocchi-metricd does"}},
  };
  spec.drivers = {.indexer = true, .storage = true, .incoming = true, .coordinator = true};
  return service::run(spec, argc, argv, inject);
}
