#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/query/evaluate.h"
#include "core/query/expression.h"
#include "core/query/operation.h"
#include "gnocchi/error.h"

namespace gnocchi::query {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
inline constexpr std::int64_t kSecond = 1'000'000'000;

/// Columns of points at 60 s, 61 s, ...; the first column is what the first reference has found.
inline Frame frame_of(std::vector<std::vector<double>> columns) {
  Frame frame;
  frame.sampling = Timespan{std::chrono::seconds{1}};
  for (std::size_t i = 0; i < columns.front().size(); ++i) {
    frame.times.push_back(static_cast<std::int64_t>(i + 60) * kSecond);
  }
  for (std::size_t i = 0; i < columns.size(); ++i) frame.sources.push_back(i);
  frame.columns = std::move(columns);
  return frame;
}

inline Program program_of(const std::string& text) { return compile(parse_expression(text)); }

/// `references`: which reference each column belongs to.
inline Frame run(const std::string& text, std::vector<std::vector<double>> columns,
                 const std::vector<std::size_t>& references,
                 std::size_t max_points = kAnyNumberOfPoints) {
  return evaluate(program_of(text), frame_of(std::move(columns)), references, max_points);
}

/// All columns belong to one reference.
inline Frame run(const std::string& text, std::vector<std::vector<double>> columns) {
  const std::vector<std::size_t> references(columns.size());
  return run(text, std::move(columns), references);
}

/// Why it is refused; empty: it is not.
template <class F>
std::string fault_of(F call) {
  try {
    call();
  } catch (const Refused& fault) {
    return fault.what();
  }
  return {};
}

}  // namespace gnocchi::query
