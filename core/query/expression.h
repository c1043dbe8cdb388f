#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gnocchi::query {

/// An operation as a client has written it, before it means anything: a number, a word, or a list.
struct Expression {
  std::variant<double, std::string, std::vector<Expression>> content;
};

/// Deeper expressions are refused: every walk over one recurses.
inline constexpr int kMaxExpressionDepth = 100;

/// "(negative (metric 5f... mean))"; words may stand in quotes of either kind. What follows the
/// first list is not looked at. Throws Refused{invalid_value} saying what was expected where.
Expression parse_expression(std::string_view text);

/// As Python prints nested lists: ['negative', ['metric', '5f...', 'mean']]; cut off after
/// `longest` bytes. For sentences only: words are not escaped.
std::string python_text(const Expression& expression, std::size_t longest);

}  // namespace gnocchi::query
