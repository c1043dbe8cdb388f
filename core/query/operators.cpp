#include "core/query/operators.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace gnocchi::query {
namespace {

constexpr std::array<std::pair<std::string_view, UnaryFunction>, 9> kUnary{{
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

double truth(bool value) { return value ? 1 : 0; }

double equal(double a, double b) { return truth(a == b); }
double not_equal(double a, double b) { return truth(a != b); }
double less(double a, double b) { return truth(a < b); }
double less_or_equal(double a, double b) { return truth(a <= b); }
double greater(double a, double b) { return truth(a > b); }
double greater_or_equal(double a, double b) { return truth(a >= b); }

/// The remainder has the divisor's sign.
double modulo(double a, double b) {
  if (b == 0) return std::numeric_limits<double>::quiet_NaN();
  const double remainder = std::fmod(a, b);
  if (remainder == 0) return std::copysign(0.0, b);
  return (b < 0) != (remainder < 0) ? remainder + b : remainder;
}

double add(double a, double b) { return a + b; }
double subtract(double a, double b) { return a - b; }
double multiply(double a, double b) { return a * b; }
double divide(double a, double b) { return a / b; }

double raise_to(double value, double low) { return std::isnan(value) || value > low ? value : low; }
double lower_to(double value, double high) {
  return std::isnan(value) || value < high ? value : high;
}

constexpr BinaryOperator comparison(BinaryFunction function) { return {function, true}; }
constexpr BinaryOperator arithmetic(BinaryFunction function) { return {function, false}; }

constexpr std::array<std::pair<std::string_view, BinaryOperator>, 34> kBinary{{
    {"=", comparison(equal)},
    {"==", comparison(equal)},
    {"eq", comparison(equal)},
    {"!=", comparison(not_equal)},
    {"ne", comparison(not_equal)},
    {"\xe2\x89\xa0", comparison(not_equal)},
    {"<", comparison(less)},
    {"lt", comparison(less)},
    {">", comparison(greater)},
    {"gt", comparison(greater)},
    {"<=", comparison(less_or_equal)},
    {"le", comparison(less_or_equal)},
    {"\xe2\x89\xa4", comparison(less_or_equal)},
    {">=", comparison(greater_or_equal)},
    {"ge", comparison(greater_or_equal)},
    {"\xe2\x89\xa5", comparison(greater_or_equal)},
    {"%", arithmetic(modulo)},
    {"mod", arithmetic(modulo)},
    {"+", arithmetic(add)},
    {"add", arithmetic(add)},
    {"-", arithmetic(subtract)},
    {"sub", arithmetic(subtract)},
    {"*", arithmetic(multiply)},
    {"mul", arithmetic(multiply)},
    {"\xc3\x97", arithmetic(multiply)},
    {"/", arithmetic(divide)},
    {"div", arithmetic(divide)},
    {"\xc3\xb7", arithmetic(divide)},
    {"**", arithmetic(std::pow)},
    {"^", arithmetic(std::pow)},
    {"pow", arithmetic(std::pow)},
    {"clip_min", arithmetic(raise_to)},
    {"clip_max", arithmetic(lower_to)},
    {"max", arithmetic(std::fmax)},
}};

}  // namespace

UnaryFunction unary_function(std::string_view name) noexcept {
  for (const auto& [known, function] : kUnary) {
    if (known == name) return function;
  }
  return nullptr;
}

BinaryOperator binary_operator(std::string_view name) noexcept {
  for (const auto& [known, found] : kBinary) {
    if (known == name) return found;
  }
  return {};
}

double clip(double value, double low, double high) noexcept {
  return lower_to(raise_to(value, low), high);
}

}  // namespace gnocchi::query
