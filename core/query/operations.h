#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/timeseries/aggregation.h"
#include "core/timeseries/series.h"
#include "gnocchi/types.h"

/// Operations on series that were read back: what clients write, compiled, and evaluated. Pure
/// functions; any thread.
///
///   (metric REF METHOD) or (metric (REF METHOD) (REF METHOD) ...)
///   (abs|absolute|neg|negative|cos|sin|tan|floor|ceil OP)      each point by itself
///   (rateofchange OP)                                          differences of successive points
///   (resample METHOD TIMESPAN OP), (rolling METHOD WINDOW OP)  each series by itself
namespace gnocchi::query {

/// What a client has written, before it means anything: a number, a word, or a list.
struct Expression {
  std::variant<double, std::string, std::vector<Expression>> content;
};

/// "(negative (metric 5f... mean))". Throws Refused{invalid_value} saying what was expected where.
Expression parse_expression(std::string_view text);

/// One aggregate of one metric, as operations name it.
struct Reference {
  std::string metric;
  std::string method;
  bool operator==(const Reference&) const = default;
};

/// Series in columns over the union of their times; NaN where one has no point.
struct Frame {
  Timespan granularity{};
  std::vector<std::int64_t> times;
  std::vector<std::vector<double>> columns;
};

/// Lays series side by side.
Frame align(Timespan granularity, std::span<const timeseries::Series> series);

struct Operation {
  enum class Kind { number, metric, unary, rate_of_change, resample, rolling };
  Kind kind = Kind::metric;
  std::string name;                   ///< of the unary operation, or the rolling method
  std::vector<Reference> references;  ///< of a metric node, each once
  timeseries::Method method;          ///< to resample by
  Timespan span{};                    ///< to resample to
  std::size_t window = 0;             ///< points to roll over
  std::vector<Operation> operand;     ///< one, except of a number or a metric node
};

/// Throws Refused{invalid_value} with upstream's reason: "'x' operation invalid", "Operation must
/// not be empty", ...
Operation compile(const Expression& expression);

/// All references below, each once, in order; none if the innermost operand is a number.
std::vector<Reference> references_of(const Operation& operation);

/// `input` has one column per references_of(operation), of which there must be some. Throws
/// Refused{invalid_value} where a window is longer than the series.
Frame evaluate(const Operation& operation, Frame input);

}  // namespace gnocchi::query
