#pragma once

#include <cstdint>
#include <span>

#include "core/timeseries/series.h"
#include "core/timeseries/time_grid.h"
#include "gnocchi/types.h"

/// One split of one aggregate, in its two forms. See docs/formats/series.md, "Split".
namespace gnocchi::timeseries {

/// Where a split lies: its points are at `start_ns` + n x `granularity_ns`, 0 <= n < 3,600.
struct SplitGrid {
  std::int64_t start_ns = 0;
  std::int64_t granularity_ns = 1;
};

/// The padded form of some points, and where in the object it goes.
struct PaddedCells {
  std::uint64_t offset_bytes = 0;
  Bytes data;
};

/// Points of one split, columns of equal size, not empty, on the split's grid.
Bytes encode_compressed(const SplitGrid& grid, std::span<const std::int64_t> times,
                        std::span<const double> values);

/// Cells from the first point to the last, to be written over a padded split.
PaddedCells encode_padded(const SplitGrid& grid, std::span<const std::int64_t> times,
                          std::span<const double> values);

/// A whole padded split: cells from the split's start to the last point.
Bytes encode_padded_whole(const SplitGrid& grid, std::span<const std::int64_t> times,
                          std::span<const double> values);

/// Appends the split's points in [start_ns, stop_ns) to `out`, whose points must all be before the
/// split. Reads both forms; empty data is an empty split. Throws Error{corrupt_data} saying what is
/// wrong (form, LZ4, sizes, offsets that do not ascend or leave the split); `out` is then as it
/// was.
void decode_split(BytesView data, const SplitGrid& grid, Series& out,
                  std::int64_t start_ns = kEarliest, std::int64_t stop_ns = kLatest);

}  // namespace gnocchi::timeseries
