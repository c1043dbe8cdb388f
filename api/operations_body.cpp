#include "api/operations_body.h"

#include <utility>

#include "api/errors.h"
#include "api/json.h"
#include "core/index/timespan.h"
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

const char* python_type(const rapidjson::Value& json) {
  if (json.IsBool()) return "bool";
  if (json.IsNull()) return "NoneType";
  if (json.IsObject()) return "dict";
  return json.IsDouble() ? "float" : "int";
}

void write(JsonWriter& json, const query::Expression& expression) {
  if (const auto* number = std::get_if<double>(&expression.content)) {
    json.number(*number);
  } else if (const auto* text = std::get_if<std::string>(&expression.content)) {
    const auto numeric = index::parse_float(*text);
    if (numeric)
      json.number(*numeric);
    else
      json.text(*text);
  } else {
    json.begin_array();
    for (const auto& item : std::get<std::vector<query::Expression>>(expression.content)) {
      write(json, item);
    }
    json.end_array();
  }
}

[[noreturn]] void refuse_without_metric(const query::Expression& expression) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Operations is invalid");
  json.key("reason");
  json.text("At least one 'metric' is required");
  json.key("detail");
  write(json, expression);
  json.end_object();
  throw HttpError(400, std::move(detail));
}

}  // namespace

query::Operation read_operations(const Request& request) {
  const auto document = parse_json_body(request);
  const JsonView body(document);
  body.expect_object();
  body.allow_only({"operations"});
  const JsonView operations = body.member("operations");
  const auto& value = operations.value();
  if (!value.IsString() && !value.IsArray()) {
    operations.refuse(std::string("Expected a tuple/list, got a <class '") + python_type(value) +
                      "'>");
  }
  const query::Expression expression =
      value.IsString() ? parse_text(operations.text()) : expression_of(value);
  query::Operation operation;
  try {
    operation = query::compile(expression);
  } catch (const Refused& fault) {
    operations.refuse(fault.what());
  }
  if (query::references_of(operation).empty()) refuse_without_metric(expression);
  return operation;
}

}  // namespace gnocchi::api
