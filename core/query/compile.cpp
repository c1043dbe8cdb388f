#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>

#include "core/index/timespan.h"
#include "core/query/operation.h"
#include "core/query/refuse.h"

namespace gnocchi::query {
namespace {

using Kind = Operation::Kind;
using Items = std::vector<Expression>;

// Each is a walk over all points; no request comes near it.
constexpr std::size_t kMostOperations = 1000;
constexpr std::size_t kLongestOperandText = 200;
constexpr double kWidestWindow = 1e9;

const std::string* word(const Expression& expression) {
  return std::get_if<std::string>(&expression.content);
}

/// What Python's float() makes of a number or a word.
std::optional<double> number_of(const Expression& expression) {
  if (const auto* number = std::get_if<double>(&expression.content)) return *number;
  const auto* text = word(expression);
  return text ? index::parse_float(*text) : std::nullopt;
}

std::optional<Sampling> sampling_of(const Expression& expression) {
  const auto* text = word(expression);
  if (text) {
    if (const auto group = timeseries::parse_calendar_group(*text)) return *group;
  }
  const auto* number = std::get_if<double>(&expression.content);
  const auto span = number ? index::timespan_from_seconds(*number)
                    : text ? index::parse_timespan(*text)
                           : std::nullopt;
  if (!span || *span <= Timespan{}) return std::nullopt;
  return *span;
}

bool has_metric(const Operation& operation) {
  return operation.kind == Kind::metric ||
         std::any_of(operation.operands.begin(), operation.operands.end(), has_metric);
}

class Compiler {
 public:
  Program compile(const Expression& expression) {
    program_.root = node(expression);
    return std::move(program_);
  }

 private:
  Operation node(const Expression& expression) {
    const auto* items = std::get_if<Items>(&expression.content);
    if (!items) {
      const char* type = word(expression) ? "str" : "float";
      refuse(std::string("Expected a tuple/list, got a <class '") + type + "'>");
    }
    if (items->empty()) refuse("Operation must not be empty");
    if (++operations_ > kMostOperations) refuse("Too many operations");
    const auto* name = word(items->front());
    invalid_ = "'" + (name ? *name : python_text(items->front(), kLongestOperandText)) +
               "' operation invalid";
    if (!name) refuse(invalid_);
    if (*name == "metric") return metric(*items);
    if (*name == "aggregate") return aggregate(*items);
    if (*name == "rolling") return rolling(*items);
    if (*name == "resample") return resample(*items);
    if (*name == "clip") return clip(*items);
    return function(*name, *items);
  }

  Operation operand(const Expression& expression) {
    if (const auto number = number_of(expression)) {
      Operation operation;
      operation.number = *number;
      return operation;
    }
    return node(expression);
  }

  /// An operand that must have series in it.
  Operation series_operand(const Expression& expression) {
    const std::string invalid = invalid_;
    Operation operation = operand(expression);
    if (!has_metric(operation)) refuse(invalid);
    return operation;
  }

  Operation function(const std::string& name, const Items& items) {
    Operation operation;
    const bool rate = name == "rateofchange" || name == "rateofchangesec";
    operation.unary = unary_function(name);
    operation.binary = binary_operator(name);
    if (items.size() == 2 && rate) {
      operation.kind =
          name == "rateofchange" ? Kind::rate_of_change : Kind::rate_of_change_per_second;
      operation.operands.push_back(series_operand(items[1]));
    } else if (items.size() == 2 && operation.unary) {
      operation.kind = Kind::unary;
      operation.operands.push_back(operand(items[1]));
    } else if (items.size() == 3 && operation.binary.function) {
      // In this order: references are numbered as they come.
      Operation left = operand(items[1]);
      return binary(operation.binary, std::move(left), operand(items[2]), items);
    } else {
      refuse(invalid_);
    }
    return operation;
  }

  static Operation binary(BinaryOperator op, Operation left, Operation right, const Items& items) {
    Operation operation;
    operation.kind = Kind::binary;
    operation.binary = op;
    operation.operands_text = python_text(items[1], kLongestOperandText) + " <> " +
                              python_text(items[2], kLongestOperandText);
    operation.operands.push_back(std::move(left));
    operation.operands.push_back(std::move(right));
    return operation;
  }

  /// Raised to the one bound, then lowered to the other.
  Operation clip(const Items& items) {
    if (items.size() != 3 && items.size() != 4) refuse(invalid_);
    Operation value = operand(items[1]);
    Operation raised =
        binary(binary_operator("clip_min"), std::move(value), operand(items[2]), items);
    if (items.size() == 3) return raised;
    return binary(binary_operator("clip_max"), std::move(raised), operand(items[3]), items);
  }

  Operation aggregate(const Items& items) {
    const auto reduction = items.size() < 3 ? std::nullopt : reduction_of(items[1]);
    if (!reduction) refuse(invalid_);
    Operation operation;
    operation.kind = Kind::aggregate;
    operation.reduction = *reduction;
    const std::string invalid = invalid_;
    for (std::size_t i = 2; i < items.size(); ++i) {
      invalid_ = invalid;
      operation.operands.push_back(series_operand(items[i]));
    }
    return operation;
  }

  Operation rolling(const Items& items) {
    const auto reduction = items.size() != 4 ? std::nullopt : reduction_of(items[1]);
    const double window = reduction ? number_of(items[2]).value_or(0) : 0;
    if (!(window >= 1 && window <= kWidestWindow)) refuse(invalid_);
    Operation operation;
    operation.kind = Kind::rolling;
    operation.reduction = *reduction;
    operation.window = static_cast<std::size_t>(window);
    operation.operands.push_back(series_operand(items[3]));
    return operation;
  }

  Operation resample(const Items& items) {
    const auto* name = items.size() == 4 ? word(items[1]) : nullptr;
    const auto method = name ? timeseries::Method::parse(*name) : std::nullopt;
    const auto sampling = method ? sampling_of(items[2]) : std::nullopt;
    if (!sampling) refuse(invalid_);
    Operation operation;
    operation.kind = Kind::resample;
    operation.method = *method;
    operation.sampling = *sampling;
    operation.operands.push_back(series_operand(items[3]));
    return operation;
  }

  static std::optional<Reduction> reduction_of(const Expression& expression) {
    const auto* name = word(expression);
    return name ? Reduction::parse(*name) : std::nullopt;
  }

  Operation metric(const Items& items) {
    if (items.size() < 2) refuse("Operation need at least one argument");
    Operation operation;
    operation.kind = Kind::metric;
    ++program_.metric_nodes;
    if (word(items[1])) {
      add_reference(std::span(items).subspan(1), operation);
      return operation;
    }
    for (std::size_t i = 1; i < items.size(); ++i) {
      const auto* pair = std::get_if<Items>(&items[i].content);
      if (!pair) refuse(invalid_);
      add_reference(*pair, operation);
    }
    return operation;
  }

  /// REF METHOD.
  void add_reference(std::span<const Expression> pair, Operation& operation) {
    if (pair.size() != 2 || !word(pair[0]) || !word(pair[1])) refuse(invalid_);
    const Reference reference{*word(pair[0]), *word(pair[1])};
    const auto [known, added] = known_.try_emplace(reference, program_.references.size());
    if (added) program_.references.push_back(reference);
    auto& mine = operation.references;
    if (added || std::find(mine.begin(), mine.end(), known->second) == mine.end()) {
      mine.push_back(known->second);
    }
  }

  struct ReferenceHash {
    std::size_t operator()(const Reference& reference) const noexcept {
      const std::hash<std::string> hash;
      return 31 * hash(reference.metric) + hash(reference.method);
    }
  };

  Program program_;
  std::unordered_map<Reference, std::size_t, ReferenceHash> known_;
  std::size_t operations_ = 0;
  std::string invalid_;  ///< the sentence that refuses the node at hand
};

}  // namespace

Program compile(const Expression& expression) { return Compiler().compile(expression); }

}  // namespace gnocchi::query
