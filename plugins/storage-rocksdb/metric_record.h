#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gnocchi/naming.h"
#include "open_splits.h"

namespace gnocchi::rocks {

/// What is stored of a metric beside its splits, under its own key.
struct MetricRecord {
  std::uint64_t version = 0;  ///< grows with each write to the metric; never used again
  OpenSplits open;
  bool has_raw = false;
  BytesView raw;  ///< within the bytes it was taken from

  std::string encode() const;
  /// Room to work in, for those who encode many.
  struct Scratch {
    std::string splits;
    std::string patches;
  };
  /// The same to the end of `out`.
  void encode(std::string& out, Scratch& scratch) const;
  /// `bytes` must outlive the record. Throws Error{corrupt_data}.
  static MetricRecord decode(const MetricId& metric, BytesView bytes);
  /// Version and raw series alone.
  static MetricRecord decode_raw(const MetricId& metric, BytesView bytes);
  /// The patches of one split (OpenSplits) in what encode() wrote; empty: none. Throws as above.
  static BytesView find_patches(const MetricId& metric, BytesView bytes, const SplitKey& split);
};

}  // namespace gnocchi::rocks
