#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "api/http.h"
#include "core/query/frame.h"

/// Which of many groups or series an answer shows, and in what order: top, order and limit.
namespace gnocchi::api {

struct Ranking {
  enum class Order : std::uint8_t { as_found, ascending, descending };
  Order order = Order::as_found;
  std::optional<std::size_t> limit;

  bool asked() const noexcept { return order != Order::as_found || limit; }
  /// The positions to show, of the best score on; equal ones in the order they are in, those that
  /// are NaN (without points) last.
  std::vector<std::size_t> choose(const std::vector<double>& scores) const;
};

/// "limit=N" keeps N of them; "order=asc|desc" sorts them by score; "top=N" is "order=desc&limit=N"
/// unless an order is given. Throws HttpError 400 {"cause": "Argument value error", ...}.
Ranking read_ranking(const Request& request);

/// Throws HttpError 400: there is nothing to rank.
[[noreturn]] void refuse_ranking_of_one();

/// What a column, or all columns, are ranked by: the mean of the finite points of the finest
/// granularity; NaN if there are none.
double score_of(const std::vector<query::Frame>& frames, std::optional<std::size_t> column = {});

}  // namespace gnocchi::api
