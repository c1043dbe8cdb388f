#pragma once

#include <span>
#include <vector>

#include "gnocchi/types.h"

/// Bundles of pending measures: n x (u64 ns since the Epoch, f64), little-endian, as
/// docs/formats/incoming.md says.
namespace gnocchi::pipeline {

inline constexpr std::size_t kMeasureBytes = 16;

Bytes encode_measures(std::span<const Measure> measures);

/// Appends the bundle's measures to `out`. Throws Error{corrupt_data} if its size is no multiple
/// of 16 or a time does not fit; `out` is then as it was.
void decode_measures(BytesView bundle, std::vector<Measure>& out);

}  // namespace gnocchi::pipeline
