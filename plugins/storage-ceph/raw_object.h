#pragma once

#include <rados/librados.h>

#include <cstdint>
#include <functional>
#include <string>

#include "flight.h"

namespace gnocchi::ceph {

/// A metric's raw object holds the raw series as its data and the list of splits as its omap. Where
/// splits were written before there was a raw series, it is there for its omap alone; an attribute
/// says so, since Python Gnocchi also makes raw series without a byte. The attribute means nothing
/// once the object has data.
inline constexpr char kNoRawAttribute[] = "gnocchi.no-raw-series";

struct RawState {
  bool object = false;        ///< there is an object
  bool series = false;        ///< there is a raw series, possibly without points
  std::uint64_t version = 0;  ///< of the object
};

/// Looks at an object without reading its data; the answer goes to `done`.
void look_at_raw(Flight& flight, const Cluster& cluster, const std::string& object,
                 std::function<void(const RawState&)> done);

}  // namespace gnocchi::ceph
