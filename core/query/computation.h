#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/query/frame.h"
#include "core/query/gaps.h"
#include "core/query/measures.h"
#include "core/query/operation.h"
#include "gnocchi/archive_policy.h"

namespace gnocchi::query {

/// A metric that a reference of a program has found.
struct Source {
  MetricId metric;
  std::size_t reference = 0;  ///< index into Program::references
  std::shared_ptr<const ArchivePolicy> policy;
};

/// Sources to be computed together.
struct SourceGroup {
  std::vector<Source> sources;
  Range window;  ///< of its points; lies within the computation's range
};

struct Computation {
  const Program& program;
  Range range;
  std::optional<Timespan> granularity;  ///< nullopt: all that the sources of a group share
  Gaps gaps;
  std::size_t max_points = kAnyNumberOfPoints;
};

/// Thrown: sources of a group do not go together.
class NotAggregable : public std::runtime_error {
 public:
  NotAggregable(const std::string& reason, std::size_t of_group, std::vector<std::size_t> which)
      : std::runtime_error(reason), group(of_group), sources(std::move(which)) {}

  std::size_t group;
  std::vector<std::size_t> sources;     ///< which of the group
  std::optional<Timespan> granularity;  ///< where that is what they lack
  /// What they are to be called: by their metrics, or by the references that found them.
  bool by_metric = false;
};

/// Thrown: the archive policy of a source does not have the method asked for.
class UnknownMethod : public std::runtime_error {
 public:
  UnknownMethod(std::size_t of_group, std::size_t which)
      : std::runtime_error("unknown aggregation method"), group(of_group), source(which) {}

  std::size_t group;
  std::size_t source;
};

/// Reads the series of all groups at once, then evaluates the program over one group at a time.
class Results {
 public:
  /// Everything must outlive it. Throws NotAggregable, UnknownMethod and TooManyPoints before
  /// anything is read, TooManyPoints while reading, and Error.
  Results(Reader& reader, const Computation& computation, std::span<const SourceGroup> groups);

  /// The results of a group, coarsest granularity first: columns in the order of its sources, or
  /// what they were aggregated to. Each group once. Throws NotAggregable and TooManyPoints.
  std::vector<Frame> of_group(std::size_t group);

  /// Too much was pending to be looked at: only what is stored was computed with.
  bool pending_left_out() const noexcept { return pending_left_out_; }

 private:
  Frame compute(std::size_t group, FrameBuilder& series);

  const Computation& computation_;
  std::span<const SourceGroup> groups_;
  std::vector<std::vector<FrameBuilder>> frames_;  ///< of each group, coarsest granularity first
  bool pending_left_out_ = false;
};

}  // namespace gnocchi::query
