#pragma once

#include "core/timeseries/series.h"
#include "gnocchi/types.h"

/// The raw series object of a metric. See docs/formats/series.md, "Raw series".
namespace gnocchi::timeseries {

/// `series` is not before the Epoch. An empty series is the empty object.
Bytes encode_raw(const Series& series);

/// Throws Error{corrupt_data} saying what is wrong: LZ4, sizes, times that do not ascend.
Series decode_raw(BytesView data);

}  // namespace gnocchi::timeseries
