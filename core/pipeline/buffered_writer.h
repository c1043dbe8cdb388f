#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/index/archive_policy_cache.h"
#include "core/index/metric_cache.h"
#include "core/pipeline/batch_creation.h"
#include "core/pipeline/measure_collector.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::pipeline {

/// Takes measures one by one and stores them together, for daemons whose clients wait for no
/// answer. What cannot be stored because a backend is away is kept for the next flush, the newest
/// if it becomes too much; what the index would never hold, and what is too far in the future, is
/// left out. Either is logged once a flush, however much it is.
class BufferedWriter {
 public:
  // Some hundred MiB at worst: half an hour of ten thousand metrics every second minute.
  static constexpr std::size_t kMostMeasures = 3'000'000;

  struct Options {
    std::optional<std::string> creator;              ///< of all that is made
    std::optional<std::string> archive_policy_name;  ///< of new metrics; nullopt: by rule
    MissingResources resources;                      ///< without attributes: add() gives them
    Timespan max_future{};  ///< how far ahead of now measures may be; 0: no limit
    std::size_t most_measures = kMostMeasures;
  };

  /// The drivers and the log outlive it.
  BufferedWriter(IndexerDriver& indexer, IncomingDriver& incoming, plugin::Log& log,
                 Options options);

  /// `attributes`: of the resource, if it is to be made. Throws Refused for an id that no resource
  /// may have. Any thread; never waits for a backend.
  void add(std::string_view resource, std::string_view metric, const Measure& measure,
           const std::map<std::string, Value>& attributes = {});

  /// Stores what has been added. One thread at a time. False: something waits for the next flush.
  bool flush();

 private:
  struct Batch {
    std::vector<ResourceMeasures> bodies;
    std::vector<std::map<std::string, Value>> attributes;
    std::vector<MetricMeasures> measures;  // instead of the bodies, once their metrics are known
    std::size_t count = 0;
  };

  void enqueue();
  void store(Batch& batch);
  MeasureCollector new_collector() const { return MeasureCollector(options_.creator.value_or("")); }

  IndexerDriver& indexer_;
  IncomingDriver& incoming_;
  plugin::Log& log_;
  const Options options_;
  index::ArchivePolicyCache archive_policies_;
  index::MetricCache metrics_;  ///< off: flushes are seldom enough to ask each time

  std::mutex mutex_;
  MeasureCollector collector_;  // under the mutex, with the next three
  std::vector<std::map<std::string, Value>> attributes_;
  std::size_t count_ = 0, dropped_ = 0, of_the_future_ = 0;

  std::deque<Batch> waiting_;  // oldest first; the flushing thread's
};

}  // namespace gnocchi::pipeline
