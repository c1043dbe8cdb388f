#include "api/value_predicate.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace gnocchi::api {
namespace {

/// The only member of an object.
JsonView only_member(const JsonView& json, std::string& name) {
  json.expect_object();
  const auto count = json.value().MemberCount();
  if (count == 0) json.refuse("length of value must be at least 1");
  if (count > 1) json.refuse("length of value must be at most 1");
  name = json.value().MemberBegin()->name.GetString();
  return json.member(name);
}

query::BinaryFunction function_of(std::string_view name) {
  if (name == "max" || name.starts_with("clip")) return nullptr;
  return query::binary_operator(name).function;
}

}  // namespace

ValuePredicate::ValuePredicate(const JsonView& json) : root_(condition(json)) {}

ValuePredicate::Node ValuePredicate::condition(const JsonView& json) {
  std::string name;
  const JsonView operand = only_member(json, name);
  if (const auto function = function_of(name)) return comparison(operand, function);
  Node node;
  if (name == "and" || name == "\xe2\x88\xa7") {
    node.kind = Node::Kind::all_of;
  } else if (name == "or" || name == "\xe2\x88\xa8") {
    node.kind = Node::Kind::any_of;
  } else if (name == "not") {
    node.kind = Node::Kind::none_of;
  } else {
    throw invalid_input("extra keys not allowed", operand.path());
  }
  operand.expect_array();
  if (node.kind == Node::Kind::none_of && operand.value().Size() != 1) {
    operand.refuse("length of value must be 1");
  }
  operand.each_item([&](const JsonView& item) { node.children.push_back(condition(item)); });
  return node;
}

ValuePredicate::Node ValuePredicate::comparison(const JsonView& operand,
                                                query::BinaryFunction function) {
  Node node;
  node.kind = Node::Kind::binary;
  node.function = function;
  if (!operand.value().IsArray()) {
    if (!operand.value().IsNumber()) operand.refuse("expected float");
    Node value;
    value.kind = Node::Kind::value;
    node.children.push_back(std::move(value));
    node.children.push_back(term(operand));
    return node;
  }
  if (operand.value().Size() != 2) operand.refuse("length of value must be 2");
  operand.each_item([&](const JsonView& item) { node.children.push_back(term(item)); });
  return node;
}

ValuePredicate::Node ValuePredicate::term(const JsonView& json) {
  Node node;
  if (json.value().IsNumber()) {
    node.number = json.value().GetDouble();
    return node;
  }
  std::string name;
  const JsonView operand = only_member(json, name);
  const auto function = function_of(name);
  if (!function) throw invalid_input("extra keys not allowed", operand.path());
  return comparison(operand, function);
}

double ValuePredicate::evaluate(const Node& node, double value) {
  const auto holds = [&](const Node& child) { return evaluate(child, value) != 0; };
  const auto begin = node.children.begin();
  const auto end = node.children.end();
  switch (node.kind) {
    case Node::Kind::number: return node.number;
    case Node::Kind::value: return value;
    case Node::Kind::binary:
      return node.function(evaluate(node.children[0], value), evaluate(node.children[1], value));
    case Node::Kind::all_of: return std::all_of(begin, end, holds) ? 1 : 0;
    case Node::Kind::any_of: return std::any_of(begin, end, holds) ? 1 : 0;
    case Node::Kind::none_of: return std::none_of(begin, end, holds) ? 1 : 0;
  }
  return 0;
}

}  // namespace gnocchi::api
