#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/index/timestamp_writer.h"
#include "core/query/measures.h"

namespace gnocchi::api {

/// A granularity as JSON: 300.0, or "M" for a group of the calendar.
std::string json_sampling(const query::Sampling& sampling);

/// Writes [[time,granularity,value],...] straight into a buffer, with no more spaces than Gnocchi.
class MeasureRows {
 public:
  explicit MeasureRows(std::string& out) : out_(out) { out_ += '['; }

  /// `granularity` is JSON.
  void add(std::span<const std::int64_t> times, std::span<const double> values,
           std::string_view granularity);
  /// Values other than 0 as true.
  void add_truths(std::span<const std::int64_t> times, std::span<const double> values,
                  std::string_view granularity);
  void end() { out_ += ']'; }

 private:
  std::string& out_;
  index::TimestampWriter times_;
  bool first_ = true;
};

}  // namespace gnocchi::api
