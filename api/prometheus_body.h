#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/pipeline/named_batch.h"
#include "gnocchi/types.h"

namespace gnocchi::api {

/// What a remote write brings.
struct RemoteWrite {
  std::vector<pipeline::ResourceMeasures> resources;
  /// "job" and "instance" of each.
  std::vector<std::map<std::string, Value>> attributes;
};

/// A WriteRequest of Prometheus's remote-write protocol 1.0 (remote_write.proto), packed by snappy.
///
/// The resource of a series is "<job>@<instance>" ("none" for a label that is not there; "/"
/// becomes
/// "_"), its metric the label __name__. Other labels count for nothing: of several series of one
/// name the last is taken, as upstream does. Markers of stale series are left out, other NaNs are
/// values.
///
/// Throws HttpError 400 for bytes that are no such message and for series without a name or of
/// times before the Epoch, 413 for a message of more than `most_bytes`; Refused for ids that no
/// resource may have. Pure; any thread.
RemoteWrite parse_remote_write(std::string_view body, const std::string& creator,
                               std::size_t most_bytes);

}  // namespace gnocchi::api
