#pragma once

#include <vector>

#include "api/json.h"
#include "core/query/operators.h"

namespace gnocchi::api {

/// A condition on values as POST /v1/search/metric takes it:
///
///   {OP: number}        the value OP number, with all binary operators of operations but clips and
///                       max; what is not 0 is true
///   {OP: [A, B]}        A OP B, each a number or, of the value, {OP: ...}
///   {"and": [...]}, {"or": [...]} (also U+2227, U+2228), {"not": [one]}
class ValuePredicate {
 public:
  /// Throws HttpError 400 {"cause": "Invalid input", ...} naming the place.
  explicit ValuePredicate(const JsonView& json);

  bool operator()(double value) const { return evaluate(root_, value) != 0; }

 private:
  struct Node {
    enum class Kind { number, value, binary, all_of, any_of, none_of } kind = Kind::number;
    double number = 0;
    query::BinaryFunction function = nullptr;
    std::vector<Node> children;
  };
  static Node condition(const JsonView& json);
  static Node comparison(const JsonView& operand, query::BinaryFunction function);
  static Node term(const JsonView& json);
  static double evaluate(const Node& node, double value);

  Node root_;
};

}  // namespace gnocchi::api
