#pragma once

#include <string>
#include <vector>

#include "gnocchi/filter.h"

namespace gnocchi::index {

/// A filter as a client wrote it: names are not checked and values have the types of their
/// literals. filter_binding makes a Filter of it.
struct FilterTree {
  Filter::Op op = Filter::Op::all_of;
  std::vector<FilterTree> children;  ///< of all_of, any_of and negate
  std::string field;
  std::vector<Value> values;  ///< one; of `in` one or more
};

/// Deeper texts are refused: every walk over a tree recurses.
inline constexpr int kMaxFilterDepth = 100;
/// Levels of a filter once redundant ones are gone (`and` in `and`, double negations). Conditions
/// nest a few; databases bound the depth of expressions (SQLite's parser at some thirty).
inline constexpr int kMaxFilterLevels = 20;

}  // namespace gnocchi::index
