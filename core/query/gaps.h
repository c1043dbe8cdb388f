#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/query/frame.h"

namespace gnocchi::query {

/// What becomes of points of time where not all series have a point.
struct Gaps {
  enum class Fill : std::uint8_t {
    none,  ///< enough of the points must be common to all series: needed_overlap
    value,
    null,        ///< NaN, which results show
    dropna,      ///< NaN, and points that are NaN or infinite are left out of results
    ffill,       ///< the series' last number before it; else as dropna
    bfill,       ///< the series' next number; else as dropna
    full_ffill,  ///< ffill, then bfill
    full_bfill,  ///< bfill, then ffill
  };
  Fill fill = Fill::none;
  double value = 0;             ///< of Fill::value
  double needed_overlap = 100;  ///< per cent; of Fill::none

  /// "null", "dropna", "ffill", ... or a number; nullopt: none of them.
  static std::optional<Gaps> parse(std::string_view text) noexcept;

  /// What FrameBuilder::take() is to put where a series has no point.
  double filler() const noexcept;
  /// Whether points that are no finite numbers are left out of results.
  bool drops() const noexcept {
    return fill != Fill::none && fill != Fill::value && fill != Fill::null;
  }
};

/// Deals with the gaps of an aligned frame. Without a fill and with an open start or stop of the
/// request's range, the frame then begins or ends with a point that all series have. Throws
/// Refused{invalid_value} "No overlap", "Less than 100.000000% of datapoints overlap ...".
void settle_gaps(Frame& frame, const Gaps& gaps, const Range& range);

}  // namespace gnocchi::query
