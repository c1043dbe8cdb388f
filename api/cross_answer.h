#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/json.h"
#include "api/point_table.h"
#include "core/query/frame.h"

/// Results of computations across metrics as clients get them.
namespace gnocchi::api {

/// Where a series that was not aggregated stands in the answer: under the names from the outermost
/// on, {resource: {metric: {method: rows}}} or {metric: {method: rows}}.
using SeriesPath = std::vector<std::string>;
using SeriesPaths = std::function<SeriesPath(std::size_t source)>;

/// [[time, granularity, value], ...] of one column over all frames, coarsest granularity first.
/// `drop`: leave out points that are no finite numbers.
void write_rows(std::string& out, const std::vector<query::Frame>& frames, std::size_t column,
                bool drop);

/// {"aggregated": rows}, or the rows of each series under its path. `frames` are of one group and
/// at least one; `chosen` says which columns of series that were not aggregated are written, in
/// this order; a path is written once, with the first series that has it.
void write_measures(JsonWriter& json, const std::vector<query::Frame>& frames,
                    const std::vector<std::size_t>& chosen, const SeriesPaths& paths, bool drop);

/// The same as rows of a table: the group's attributes, the names of a series that was not
/// aggregated, and its points.
class CrossTable {
 public:
  /// `series`: what the parts of a SeriesPath are called. Sets the response's Content-Type.
  CrossTable(RowForm form, std::vector<std::string> groupby, std::vector<std::string> series,
             Response& response);

  /// As write_measures(). `key`: of the group; empty without groupby.
  void add(const std::vector<Value>& key, const std::vector<query::Frame>& frames,
           const std::vector<std::size_t>& chosen, const SeriesPaths& paths, bool drop);

 private:
  PointTable& table(bool aggregated);

  const RowForm form_;
  const std::vector<std::string> groupby_, series_;
  Response& response_;
  std::optional<PointTable> table_;  ///< from the first group on, which tells the columns
};

/// {"project_id": ..., "user_id": ...}.
void write_group_key(JsonWriter& json, const std::vector<std::string>& names,
                     const std::vector<Value>& key);

}  // namespace gnocchi::api
