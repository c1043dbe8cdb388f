#pragma once

#include <string_view>

/// The functions of numbers that operations name, with numpy's meaning.
namespace gnocchi::query {

using UnaryFunction = double (*)(double);
using BinaryFunction = double (*)(double, double);

/// abs, absolute, neg, negative, cos, sin, tan, floor, ceil; nullptr: none of them.
UnaryFunction unary_function(std::string_view name) noexcept;

struct BinaryOperator {
  BinaryFunction function = nullptr;
  bool compares = false;  ///< the results are truth values
};

/// = == eq, < lt, > gt, <= le, >= ge, != ne, % mod, + add, - sub, * mul, / div, ** ^ pow, clip_min,
/// clip_max, max, and the mathematical signs (U+2264 and its like); no function: none of them.
/// Comparisons with NaN are false but for "!="; "max" prefers a number to NaN, the clips do not.
BinaryOperator binary_operator(std::string_view name) noexcept;

/// The value raised to `low`, then lowered to `high`; NaN if one of the three is.
double clip(double value, double low, double high) noexcept;

}  // namespace gnocchi::query
