#include "core/query/evaluate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <variant>

#include "core/query/refuse.h"
#include "core/timeseries/differences.h"

namespace gnocchi::query {
namespace {

using Kind = Operation::Kind;
using Operand = std::variant<double, Frame>;

// A rolling window costs its width at each point: so many steps for each point that a request may
// have make a second or two at the default.
constexpr std::size_t kStepsPerPoint = 100;

std::string shape(const Frame& frame) {
  return "(" + std::to_string(frame.times.size()) + "," + std::to_string(frame.columns.size()) +
         ")";
}

void drop_first_times(Frame& frame, std::size_t count) {
  const std::size_t dropped = std::min(count, frame.times.size());
  frame.times.erase(frame.times.begin(),
                    frame.times.begin() + static_cast<std::ptrdiff_t>(dropped));
}

void take_differences(Frame& frame) {
  drop_first_times(frame, 1);
  for (auto& column : frame.columns) column = timeseries::differences(column);
}

void take_differences_per_second(Frame& frame) {
  constexpr double kSecond = 1e9;
  for (auto& column : frame.columns) {
    for (std::size_t i = column.size(); i-- > 1;) {
      const auto ns = static_cast<double>(frame.times[i] - frame.times[i - 1]);
      column[i] = (column[i] - column[i - 1]) / (ns / kSecond);
    }
    if (!column.empty()) column.front() = std::numeric_limits<double>::quiet_NaN();
  }
}

bool keeps_truth(const Reduction& reduction) {
  return !reduction.rate &&
         (reduction.base == Reduction::Base::min || reduction.base == Reduction::Base::max);
}

void resample(const Operation& operation, Frame& frame) {
  std::vector<std::int64_t> times;
  for (auto& column : frame.columns) {
    timeseries::Series series{frame.times, std::move(column)};
    series = std::visit(
        [&](const auto& by) { return timeseries::resample(series, operation.method, by); },
        operation.sampling);
    column = std::move(series.values);
    times = std::move(series.times);
  }
  frame.times = std::move(times);
  frame.sampling = operation.sampling;
  frame.truth_values = false;
}

void roll(const Operation& operation, Frame& frame, std::size_t max_points) {
  const std::size_t window = operation.window;
  const std::size_t length = frame.times.size();
  if (window > length) {
    refuse("Rolling window '" + std::to_string(window) + "' is greater than serie length '" +
           std::to_string(length) + "'");
  }
  const std::size_t results =
      (length - window + 1) * std::max<std::size_t>(1, frame.columns.size());
  if (results / kStepsPerPoint > max_points / window) {
    throw TooManyPoints("a rolling window of " + std::to_string(window) + " over " +
                        std::to_string(results) + " points");
  }
  drop_first_times(frame, window - 1);
  for (auto& column : frame.columns) {
    column = reduce_windows(operation.reduction.base, column, window);
  }
  if (operation.reduction.rate) take_differences(frame);
  frame.truth_values = frame.truth_values && keeps_truth(operation.reduction);
}

/// Puts the columns of another frame, one of the same times, beside a frame's own.
void append(Frame& frame, Frame other) {
  if (frame.times != other.times || frame.sampling != other.sampling) {
    refuse("Can't aggregate timeseries with different granularity");
  }
  frame.truth_values = frame.truth_values && other.truth_values;
  std::move(other.columns.begin(), other.columns.end(), std::back_inserter(frame.columns));
}

void combine(BinaryFunction function, std::vector<double>& left, const std::vector<double>& right,
             bool swapped) {
  for (std::size_t i = 0; i < left.size(); ++i) {
    left[i] = swapped ? function(right[i], left[i]) : function(left[i], right[i]);
  }
}

Frame combine(const Operation& operation, Frame left, Frame right) {
  if (left.times != right.times || left.sampling != right.sampling) {
    refuse("Can't compute timeseries with different granularity " + operation.operands_text);
  }
  const std::size_t a = left.columns.size();
  const std::size_t b = right.columns.size();
  if (a != b && a != 1 && b != 1) {
    refuse("operands could not be broadcast together with shapes " + shape(left) + " " +
           shape(right));
  }
  // A single column goes with each of the other side; what is kept is the other side.
  const bool swapped = a == 1 && b != 1;
  Frame result = std::move(swapped ? right : left);
  const Frame& other = swapped ? left : right;
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    const auto& column = other.columns[other.columns.size() == 1 ? 0 : i];
    combine(operation.binary.function, result.columns[i], column, swapped);
  }
  if (other.columns.empty()) result.columns.clear();
  result.aggregated = true;
  return result;
}

class Evaluator {
 public:
  Evaluator(const Program& program, Frame input, std::span<const std::size_t> references,
            std::size_t max_points)
      : program_(program),
        input_(std::move(input)),
        references_(references),
        max_points_(max_points) {}

  Operand evaluate(const Operation& operation) {
    switch (operation.kind) {
      case Kind::number: return operation.number;
      case Kind::metric: return columns(operation);
      case Kind::unary: return unary(operation);
      case Kind::binary: return binary(operation);
      case Kind::aggregate: return aggregate(operation);
      case Kind::rate_of_change:
      case Kind::rate_of_change_per_second:
      case Kind::rolling:
      case Kind::resample: break;
    }
    Frame frame = std::get<Frame>(evaluate(operation.operands.front()));
    switch (operation.kind) {
      case Kind::rolling: roll(operation, frame, max_points_); return frame;
      case Kind::resample: resample(operation, frame); return frame;
      case Kind::rate_of_change: take_differences(frame); break;
      default: take_differences_per_second(frame);
    }
    frame.truth_values = false;
    return frame;
  }

 private:
  Frame columns(const Operation& operation) {
    if (program_.metric_nodes == 1) return std::move(input_);
    Frame frame;
    frame.sampling = input_.sampling;
    frame.times = input_.times;
    std::vector<bool> is_mine(program_.references.size());
    for (const std::size_t reference : operation.references) is_mine[reference] = true;
    for (std::size_t i = 0; i < input_.columns.size(); ++i) {
      const std::size_t source = input_.sources[i];
      if (!is_mine[references_[source]]) continue;
      copied_ += frame.times.size();
      if (copied_ > max_points_) {
        throw TooManyPoints("metrics of several operations over " +
                            std::to_string(frame.times.size()) + " points of time");
      }
      frame.columns.push_back(input_.columns[i]);
      frame.sources.push_back(source);
    }
    return frame;
  }

  Operand unary(const Operation& operation) {
    Operand operand = evaluate(operation.operands.front());
    if (auto* number = std::get_if<double>(&operand)) return operation.unary(*number);
    auto& frame = std::get<Frame>(operand);
    for (auto& column : frame.columns) {
      std::transform(column.begin(), column.end(), column.begin(), operation.unary);
    }
    frame.truth_values = false;
    return operand;
  }

  Operand binary(const Operation& operation) {
    const auto function = operation.binary.function;
    Operand left = evaluate(operation.operands[0]);
    Operand right = evaluate(operation.operands[1]);
    auto* a = std::get_if<Frame>(&left);
    auto* b = std::get_if<Frame>(&right);
    if (!a && !b) return function(std::get<double>(left), std::get<double>(right));
    Frame result;
    if (a && b) {
      result = combine(operation, std::move(*a), std::move(*b));
    } else {
      const double number = std::get<double>(a ? right : left);
      result = std::move(a ? *a : *b);
      for (auto& column : result.columns) {
        for (double& value : column) value = a ? function(value, number) : function(number, value);
      }
    }
    result.truth_values = operation.binary.compares;
    return result;
  }

  Frame aggregate(const Operation& operation) {
    Frame frame = std::get<Frame>(evaluate(operation.operands.front()));
    for (std::size_t i = 1; i < operation.operands.size(); ++i) {
      append(frame, std::get<Frame>(evaluate(operation.operands[i])));
    }
    auto column = reduce_rows(operation.reduction.base, frame.columns, frame.times.size());
    frame.columns.clear();
    frame.columns.push_back(std::move(column));
    frame.sources.clear();
    if (operation.reduction.rate) take_differences(frame);
    frame.aggregated = true;
    frame.truth_values = frame.truth_values && keeps_truth(operation.reduction);
    return frame;
  }

  const Program& program_;
  Frame input_;
  std::span<const std::size_t> references_;
  std::size_t max_points_;
  std::size_t copied_ = 0;
};

}  // namespace

Frame evaluate(const Program& program, Frame input, std::span<const std::size_t> references,
               std::size_t max_points) {
  Evaluator evaluator(program, std::move(input), references, max_points);
  return std::get<Frame>(evaluator.evaluate(program.root));
}

}  // namespace gnocchi::query
