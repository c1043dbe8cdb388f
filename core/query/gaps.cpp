#include "core/query/gaps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>

#include "core/index/timespan.h"
#include "core/query/refuse.h"

namespace gnocchi::query {
namespace {

using Fill = Gaps::Fill;

constexpr std::array<std::pair<std::string_view, Fill>, 6> kFills{{
    {"null", Fill::null},
    {"dropna", Fill::dropna},
    {"ffill", Fill::ffill},
    {"bfill", Fill::bfill},
    {"full_ffill", Fill::full_ffill},
    {"full_bfill", Fill::full_bfill},
}};

/// Each NaN becomes the number before it, if there is one.
template <class Iterator>
void carry_on(Iterator at, Iterator end) {
  double last = std::numeric_limits<double>::quiet_NaN();
  for (; at != end; ++at) {
    if (std::isnan(*at))
      *at = last;
    else
      last = *at;
  }
}

void fill_forward(Frame& frame) {
  for (auto& column : frame.columns) carry_on(column.begin(), column.end());
}

void fill_backward(Frame& frame) {
  for (auto& column : frame.columns) carry_on(column.rbegin(), column.rend());
}

void keep(Frame& frame, std::size_t begin, std::size_t end) {
  const auto cut = [&](auto& values) {
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(end), values.end());
    values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(begin));
  };
  cut(frame.times);
  for (auto& column : frame.columns) cut(column);
}

[[noreturn]] void refuse_overlap(double needed, double found) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(),
                "Less than %f%% of datapoints overlap in this timespan (%.2f%%)", needed, found);
  refuse(text.data());
}

/// The rows in which all series have a point.
std::vector<std::size_t> common_rows(const Frame& frame) {
  std::vector<bool> missing(frame.times.size());
  for (const auto& column : frame.columns) {
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (std::isnan(column[i])) missing[i] = true;
    }
  }
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (!missing[i]) rows.push_back(i);
  }
  return rows;
}

void demand_overlap(Frame& frame, double needed, const Range& range) {
  const auto common = common_rows(frame);
  if (common.empty() && needed > 0) refuse("No overlap");
  if (frame.times.empty()) return;
  std::size_t begin = 0;
  std::size_t end = frame.times.size();
  if (!common.empty()) {
    if (!range.start) begin = common.front();
    if (!range.stop) end = common.back() + 1;
  }
  const double found =
      static_cast<double>(common.size()) * 100.0 / static_cast<double>(end - begin);
  if (found < needed) refuse_overlap(needed, found);
  keep(frame, begin, end);
}

}  // namespace

std::optional<Gaps> Gaps::parse(std::string_view text) noexcept {
  for (const auto& [name, fill] : kFills) {
    if (name == text) return Gaps{fill, 0, 100};
  }
  const auto number = index::parse_float(text);
  if (!number) return std::nullopt;
  return Gaps{Fill::value, *number, 100};
}

double Gaps::filler() const noexcept {
  return fill == Fill::value ? value : std::numeric_limits<double>::quiet_NaN();
}

void settle_gaps(Frame& frame, const Gaps& gaps, const Range& range) {
  switch (gaps.fill) {
    case Fill::none: demand_overlap(frame, gaps.needed_overlap, range); break;
    case Fill::value:
    case Fill::null:
    case Fill::dropna: break;
    case Fill::ffill: fill_forward(frame); break;
    case Fill::bfill: fill_backward(frame); break;
    case Fill::full_ffill:
      fill_forward(frame);
      fill_backward(frame);
      break;
    case Fill::full_bfill:
      fill_backward(frame);
      fill_forward(frame);
      break;
  }
}

}  // namespace gnocchi::query
