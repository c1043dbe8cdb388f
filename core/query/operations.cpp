#include "core/query/operations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/index/timespan.h"
#include "core/query/rolling.h"
#include "core/timeseries/resample.h"
#include "gnocchi/error.h"

namespace gnocchi::query {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
  throw Refused{Refused::Reason::invalid_value, Refused::Subject::none, reason};
}

using Function = double (*)(double);

constexpr std::array<std::pair<std::string_view, Function>, 9> kFunctions{{
    {"abs", std::fabs},
    {"absolute", std::fabs},
    {"neg", [](double v) { return -v; }},
    {"negative", [](double v) { return -v; }},
    {"cos", std::cos},
    {"sin", std::sin},
    {"tan", std::tan},
    {"floor", std::floor},
    {"ceil", std::ceil},
}};

Function function_of(std::string_view name) {
  for (const auto& [known, function] : kFunctions) {
    if (known == name) return function;
  }
  return nullptr;
}

const std::string* word(const Expression& expression) {
  return std::get_if<std::string>(&expression.content);
}

/// REF METHOD, from the `at`-th item on; nullopt if those are not two words.
std::optional<Reference> reference_at(const std::vector<Expression>& items, std::size_t at) {
  if (items.size() != at + 2 || !word(items[at]) || !word(items[at + 1])) return std::nullopt;
  return Reference{*word(items[at]), *word(items[at + 1])};
}

/// A number, or an operation.
Operation compile_operand(const Expression& expression) {
  const auto* text = word(expression);
  if (std::holds_alternative<double>(expression.content) || (text && index::parse_float(*text))) {
    Operation number;
    number.kind = Operation::Kind::number;
    return number;
  }
  return compile(expression);
}

Operation compile_metric(const std::vector<Expression>& items) {
  Operation operation;
  if (items.size() < 2) refuse("Operation need at least one argument");
  if (auto single = reference_at(items, 1)) {
    operation.references.push_back(std::move(*single));
    return operation;
  }
  for (std::size_t i = 1; i < items.size(); ++i) {
    const auto* pair = std::get_if<std::vector<Expression>>(&items[i].content);
    auto reference = pair ? reference_at(*pair, 0) : std::nullopt;
    if (!reference) refuse("'metric' operation invalid");
    auto& all = operation.references;
    if (std::find(all.begin(), all.end(), *reference) == all.end()) {
      all.push_back(std::move(*reference));
    }
  }
  return operation;
}

Operation compile_resample(const std::vector<Expression>& items, const std::string& invalid) {
  if (items.size() != 4 || !word(items[1])) refuse(invalid);
  const auto method = timeseries::Method::parse(*word(items[1]));
  if (!method || !is_rolling_method(*word(items[1]))) refuse(invalid);
  const auto* text = word(items[2]);
  const auto* number = std::get_if<double>(&items[2].content);
  const auto span = number ? index::timespan_from_seconds(*number)
                    : text ? index::parse_timespan(*text)
                           : std::nullopt;
  if (!span || *span <= Timespan{}) refuse(invalid);
  Operation operation{Operation::Kind::resample, *word(items[1]), {}, *method, *span, 0, {}};
  operation.operand.push_back(compile_operand(items[3]));
  return operation;
}

Operation compile_rolling(const std::vector<Expression>& items, const std::string& invalid) {
  if (items.size() != 4 || !word(items[1]) || !is_rolling_method(*word(items[1]))) refuse(invalid);
  const auto* text = word(items[2]);
  const auto* number = std::get_if<double>(&items[2].content);
  const double window = number ? *number : text ? index::parse_float(*text).value_or(0) : 0;
  if (!(window >= 1 && window <= 1e9)) refuse(invalid);
  Operation operation{
      Operation::Kind::rolling, *word(items[1]), {}, {}, {}, static_cast<std::size_t>(window), {}};
  operation.operand.push_back(compile_operand(items[3]));
  return operation;
}

void apply(Function function, Frame& frame) {
  for (auto& column : frame.columns) {
    std::transform(column.begin(), column.end(), column.begin(), function);
  }
}

void take_differences(Frame& frame) {
  if (frame.times.empty()) return;
  frame.times.erase(frame.times.begin());
  for (auto& column : frame.columns) {
    for (std::size_t i = 0; i + 1 < column.size(); ++i) column[i] = column[i + 1] - column[i];
    column.pop_back();
  }
}

void resample(const Operation& operation, Frame& frame) {
  std::vector<std::int64_t> times;
  for (auto& column : frame.columns) {
    auto series =
        timeseries::resample({frame.times, std::move(column)}, operation.method, operation.span);
    column = std::move(series.values);
    times = std::move(series.times);
  }
  frame.times = std::move(times);
  frame.granularity = operation.span;
}

void roll(const Operation& operation, Frame& frame) {
  if (operation.window > frame.times.size()) {
    refuse("Rolling window '" + std::to_string(operation.window) +
           "' is greater than serie length '" + std::to_string(frame.times.size()) + "'");
  }
  for (auto& column : frame.columns) column = rolling(operation.name, column, operation.window);
  const std::size_t left = frame.columns.empty() ? 0 : frame.columns.front().size();
  frame.times.erase(frame.times.begin(), frame.times.end() - static_cast<std::ptrdiff_t>(left));
}

}  // namespace

Operation compile(const Expression& expression) {
  const auto* items = std::get_if<std::vector<Expression>>(&expression.content);
  if (!items) {
    const char* type = word(expression) ? "str" : "float";
    refuse(std::string("Expected a tuple/list, got a <class '") + type + "'>");
  }
  if (items->empty()) refuse("Operation must not be empty");
  const auto* name = word(items->front());
  const std::string shown = name ? *name : "[...]";
  const std::string invalid = "'" + shown + "' operation invalid";
  if (shown == "metric") return compile_metric(*items);
  if (shown == "resample") return compile_resample(*items, invalid);
  if (shown == "rolling") return compile_rolling(*items, invalid);
  const bool rate = shown == "rateofchange";
  if (!name || items->size() != 2 || !(rate || function_of(*name))) refuse(invalid);
  Operation operation;
  operation.kind = rate ? Operation::Kind::rate_of_change : Operation::Kind::unary;
  operation.name = *name;
  operation.operand.push_back(compile_operand((*items)[1]));
  return operation;
}

Frame align(Timespan granularity, std::span<const timeseries::Series> series) {
  Frame frame{granularity, {}, {}};
  for (const auto& one : series) {
    frame.times.insert(frame.times.end(), one.times.begin(), one.times.end());
  }
  std::sort(frame.times.begin(), frame.times.end());
  frame.times.erase(std::unique(frame.times.begin(), frame.times.end()), frame.times.end());
  for (const auto& one : series) {
    auto& column =
        frame.columns.emplace_back(frame.times.size(), std::numeric_limits<double>::quiet_NaN());
    std::size_t at = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
      while (frame.times[at] != one.times[i]) ++at;
      column[at] = one.values[i];
    }
  }
  return frame;
}

std::vector<Reference> references_of(const Operation& operation) {
  const Operation* node = &operation;
  while (!node->operand.empty()) node = &node->operand.front();
  return node->references;
}

Frame evaluate(const Operation& operation, Frame input) {
  if (operation.operand.empty()) return input;
  Frame frame = evaluate(operation.operand.front(), std::move(input));
  switch (operation.kind) {
    case Operation::Kind::unary: apply(function_of(operation.name), frame); break;
    case Operation::Kind::rate_of_change: take_differences(frame); break;
    case Operation::Kind::resample: resample(operation, frame); break;
    case Operation::Kind::rolling: roll(operation, frame); break;
    case Operation::Kind::number:
    case Operation::Kind::metric: break;
  }
  return frame;
}

}  // namespace gnocchi::query
