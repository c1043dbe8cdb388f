#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/index/timestamps.h"

namespace gnocchi::api {

/// Writes [[time, granularity, value], ...] straight into a buffer.
class MeasureRows {
 public:
  explicit MeasureRows(std::string& out) : out_(out) { out_ += '['; }

  /// `granularity` is JSON: 300.0, or "M" in quotes.
  void add(std::span<const std::int64_t> times, std::span<const double> values,
           std::string_view granularity);
  void end() { out_ += ']'; }

 private:
  std::string& out_;
  index::TimestampWriter times_;
  bool first_ = true;
};

}  // namespace gnocchi::api
