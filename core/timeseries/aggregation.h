#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/archive_policy.h"
#include "gnocchi/types.h"

namespace gnocchi::timeseries {

/// An aggregation method: what a group of points is reduced to.
struct Method {
  enum class Base : std::uint8_t {
    mean,
    sum,
    last,
    max,
    min,
    std,
    median,
    first,
    count,
    percentile
  };

  Base base = Base::mean;
  std::uint8_t percentile = 0;  ///< 1 to 99 where base is percentile, else 0
  bool rate = false;            ///< of the differences of successive points ("rate:mean")

  /// "mean", "95pct", "rate:last"; nullopt: no method.
  static std::optional<Method> parse(std::string_view name) noexcept;
  /// The name that parse() reads.
  std::string to_string() const;

  bool operator==(const Method&) const = default;
};

/// The names of all methods, "rate:" ones included, in byte order.
const std::vector<std::string>& valid_methods();

/// One granularity of a plan.
struct PlannedGranularity {
  Timespan granularity{};
  std::optional<Timespan>
      timespan;  ///< how far before the newest point points are kept; or for ever
};

/// What an archive policy makes of a metric's points, prepared once for all its metrics: the same
/// methods at every granularity, and how much of the raw series is kept for it. Immutable, hence
/// shared by any number of threads.
class AggregationPlan {
 public:
  /// Throws Error{corrupt_data} naming the policy if it has no granularity, one that is not
  /// positive, or an unknown method: such a policy cannot have come through the API.
  explicit AggregationPlan(const ArchivePolicy& policy);

  /// The plan of some aggregates alone: to see what a pass makes of them without computing the
  /// others. Blocks, back window and what is kept stay the plan's, for which a cheap method more
  /// may be in it; what the plan does not have is left out.
  AggregationPlan narrowed(std::span<const Timespan> granularities,
                           std::span<const std::string> methods) const;

  /// Ascending, unique.
  std::span<const PlannedGranularity> granularities() const noexcept { return granularities_; }
  /// Unique; first plain_methods(), then rate_methods(), each in byte order of their names.
  std::span<const Method> methods() const noexcept { return methods_; }
  std::span<const Method> plain_methods() const noexcept {
    return methods().first(plain_method_count_);
  }
  std::span<const Method> rate_methods() const noexcept {
    return methods().subspan(plain_method_count_);
  }
  /// The names of methods(), one by one.
  std::span<const std::string> method_names() const noexcept { return method_names_; }

  /// The raw series is cut at multiples of the coarsest granularity.
  Timespan block_size() const noexcept { return block_size_; }
  /// Blocks of raw points kept before the newest one: the policy's back window, and one block more
  /// if there is a rate: method, for the difference to the block before.
  std::int64_t back_window_blocks() const noexcept { return back_window_blocks_; }

 private:
  void set_methods(std::vector<std::string> names, const std::string& policy);

  std::vector<PlannedGranularity> granularities_;
  Timespan block_size_{};
  std::vector<Method> methods_;
  std::vector<std::string> method_names_;
  std::size_t plain_method_count_ = 0;
  std::int64_t back_window_blocks_ = 0;
};

}  // namespace gnocchi::timeseries
