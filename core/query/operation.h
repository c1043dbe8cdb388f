#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/query/expression.h"
#include "core/query/measures.h"
#include "core/query/operators.h"
#include "core/query/reduction.h"
#include "core/timeseries/aggregation.h"

/// Operations on series that were read back:
///
///   (metric REF METHOD), (metric (REF METHOD) (REF METHOD) ...)    the series that match
///   (UNARY OP), (BINARY OP OP)                                     point by point: operators.h
///   (clip OP LOW [HIGH])
///   (rateofchange OP), (rateofchangesec OP)                        differences of successive
///   points (aggregate METHOD OP ...)                                      all series into one
///   (rolling METHOD WINDOW OP)                                     each series by itself
///   (resample METHOD TIMESPAN|Y|H|Q|M|W OP)
///
/// OP is one of these, or a number.
namespace gnocchi::query {

/// One aggregate of a metric, as operations name it: by id, by name, or by a pattern of names.
struct Reference {
  std::string metric;
  std::string method;
  bool operator==(const Reference&) const = default;
};

struct Operation {
  enum class Kind : std::uint8_t {
    number,
    metric,
    unary,
    binary,
    rate_of_change,
    rate_of_change_per_second,
    aggregate,
    rolling,
    resample,
  };
  Kind kind = Kind::number;
  double number = 0;
  std::vector<std::size_t> references;  ///< metric: indexes into Program::references
  UnaryFunction unary = nullptr;
  BinaryOperator binary;
  Reduction reduction;        ///< aggregate, rolling
  std::size_t window = 0;     ///< rolling: points
  timeseries::Method method;  ///< resample
  Sampling sampling;          ///< resample
  std::vector<Operation> operands;
  std::string operands_text;  ///< binary: "A <> B", shortened, for the sentence of a refusal
};

/// A compiled operation. Immutable; any thread.
struct Program {
  Operation root;
  std::vector<Reference> references;  ///< of all metric nodes, each once, in order
  std::size_t metric_nodes = 0;
};

/// Throws Refused{invalid_value} with Gnocchi's reason: "'x' operation invalid", "Operation must
/// not be empty", ... The program may be without a reference.
Program compile(const Expression& expression);

}  // namespace gnocchi::query
