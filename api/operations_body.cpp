#include "api/operations_body.h"

#include <utility>

#include "api/errors.h"
#include "api/json.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

query::Expression expression_of(const rapidjson::Value& json) {
  if (json.IsArray()) {
    std::vector<query::Expression> items;
    for (const auto& item : json.GetArray()) items.push_back(expression_of(item));
    return {std::move(items)};
  }
  if (json.IsNumber()) return {json.GetDouble()};
  if (json.IsString()) return {std::string(json.GetString(), json.GetStringLength())};
  return {std::string(json.IsNull() ? "null" : json.IsObject() ? "{...}" : "bool")};
}

query::Expression parse_text(const std::string& text) {
  try {
    return query::parse_expression(text);
  } catch (const Refused& fault) {
    throw HttpError(400, cause_detail_reason("Invalid operations", fault.what(),
                                             "Fail to parse the operations string"));
  }
}

/// Whether the innermost operand is a number, as in (abs 5): an operation, but not on metrics.
bool lacks_metric(const query::Expression& expression) {
  const auto* items = std::get_if<std::vector<query::Expression>>(&expression.content);
  if (!items) {
    const auto* text = std::get_if<std::string>(&expression.content);
    return !text || (!text->empty() && text->find_first_not_of("+-.0123456789eE") == text->npos);
  }
  return items->size() >= 2 && lacks_metric(items->back());
}

}  // namespace

query::Operation read_operations(const Request& request) {
  const auto document = parse_json_body(request);
  const JsonView body(document);
  body.expect_object();
  body.allow_only({"operations"});
  const JsonView operations = body.member("operations");
  const query::Expression expression = operations.value().IsString()
                                           ? parse_text(operations.text())
                                           : expression_of(operations.value());
  const bool is_list = std::holds_alternative<std::vector<query::Expression>>(expression.content);
  if (is_list && lacks_metric(expression)) {
    throw HttpError(
        400, cause_detail_reason("Operations is invalid", "", "At least one 'metric' is required"));
  }
  try {
    return query::compile(expression);
  } catch (const Refused& fault) {
    operations.refuse(fault.what());
  }
}

}  // namespace gnocchi::api
