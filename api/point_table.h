#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "api/http.h"
#include "core/index/timestamp_writer.h"
#include "core/query/measures.h"
#include "gnocchi/types.h"

namespace gnocchi::api {

/// Points as rows of a table: columns of the group, of the series, and timestamp, granularity and
/// value. As ndjson an object a line, the group's columns in an object "group"; values that are no
/// finite numbers are null. As CSV (RFC 4180) a line of names first, the group's as "group.NAME";
/// null is empty, no finite number NaN or Infinity.
class PointTable {
 public:
  /// Sets the Content-Type of the response, into which rows are written. `form` is not json.
  PointTable(RowForm form, const std::vector<std::string>& group,
             const std::vector<std::string>& series, Response& response);

  /// The values of the first columns of all rows to come; not needed where there are none.
  void set_keys(const std::vector<Value>& group, const std::vector<std::string>& series);
  /// `truths`: values other than 0 are true, 0 is false.
  void add(std::span<const std::int64_t> times, std::span<const double> values,
           const query::Sampling& sampling, bool truths = false);

 private:
  void put_value(double value, bool truths);

  const bool csv_;
  const std::vector<std::string> group_, series_;
  std::string& out_;
  std::string keys_;  ///< what stands before each time
  index::TimestampWriter times_;
};

}  // namespace gnocchi::api
