#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/statsd/packet.h"
#include "gnocchi/types.h"

namespace gnocchi::statsd {

/// A metric's measure of one flush. Metrics are called "<name>|<type>".
struct Point {
  std::string metric;
  Measure measure;
};

/// What updates between two flushes come to: the sum of a counter's values, each divided by its
/// sample rate; the last value of a gauge and of a timer; the number of different members of a set.
/// A measure's time is that of the last update.
///
/// Counters, timers and sets start anew after each flush; gauges keep their value for relative
/// updates, but are flushed only when they were updated. One thread.
class Aggregator {
 public:
  // Names that nobody can make sense of any more; more come from a client gone wrong.
  static constexpr std::size_t kMostNames = 100'000;
  static constexpr std::size_t kMostMembers = 1'000'000;  // of all sets together

  explicit Aggregator(std::size_t most_names = kMostNames, std::size_t most_members = kMostMembers)
      : most_names_(most_names), most_members_(most_members) {}

  /// False: there are too many names or members; the update is dropped.
  [[nodiscard]] bool apply(const Update& update, Timestamp now);
  /// The measures since the last call.
  std::vector<Point> take();

 private:
  struct State {
    double value = 0;
    std::optional<Timestamp> updated;  // since the last flush
    std::unordered_set<std::string> members;
  };

  std::size_t most_names_, most_members_;
  std::unordered_map<std::string, State> states_;
  std::size_t members_ = 0;
};

}  // namespace gnocchi::statsd
