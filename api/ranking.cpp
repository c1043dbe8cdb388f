#include "api/ranking.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "api/cross_query.h"

namespace gnocchi::api {
namespace {

std::optional<std::size_t> read_count(const Request& request, const char* name) {
  const auto text = request.query.get(name);
  if (!text) return std::nullopt;
  std::uint32_t count = 0;
  const char* const end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, count);
  if (parsed.ec != std::errc{} || parsed.ptr != end || count == 0) {
    refuse_parameter(name, "Must be an integer of 1 or more");
  }
  return count;
}

}  // namespace

std::vector<std::size_t> Ranking::choose(const std::vector<double>& scores) const {
  std::vector<std::size_t> chosen(scores.size());
  std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  if (order != Order::as_found) {
    std::stable_sort(chosen.begin(), chosen.end(), [&](std::size_t a, std::size_t b) {
      if (std::isnan(scores[a]) || std::isnan(scores[b])) {
        return std::isnan(scores[b]) && !std::isnan(scores[a]);
      }
      return order == Order::ascending ? scores[a] < scores[b] : scores[a] > scores[b];
    });
  }
  if (limit && *limit < chosen.size()) chosen.resize(*limit);
  return chosen;
}

Ranking read_ranking(const Request& request) {
  Ranking ranking;
  const auto top = read_count(request, "top");
  ranking.limit = read_count(request, "limit");
  if (top && ranking.limit) refuse_parameter("top", "Give either top or limit");
  if (top) {
    ranking.limit = top;
    ranking.order = Ranking::Order::descending;
  }
  if (const auto order = request.query.get("order")) {
    if (*order != "asc" && *order != "desc") refuse_parameter("order", "Must be 'asc' or 'desc'");
    ranking.order = *order == "asc" ? Ranking::Order::ascending : Ranking::Order::descending;
  }
  return ranking;
}

void refuse_ranking_of_one() {
  refuse_parameter("order", "There is but one series: group by something to rank groups");
}

double score_of(const std::vector<query::Frame>& frames, std::optional<std::size_t> column) {
  const auto& columns = frames.back().columns;
  const std::size_t first = column.value_or(0);
  const std::size_t count = column || frames.back().aggregated ? 1 : columns.size();
  double sum = 0;
  double points = 0;
  for (std::size_t i = first; i < std::min(columns.size(), first + count); ++i) {
    for (const double value : columns[i]) {
      if (!std::isfinite(value)) continue;
      sum += value;
      points += 1;
    }
  }
  return points == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / points;
}

}  // namespace gnocchi::api
