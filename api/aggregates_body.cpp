#include "api/aggregates_body.h"

#include <utility>

#include "api/errors.h"
#include "api/filter_json.h"
#include "api/json.h"
#include "core/index/filter_string.h"
#include "core/index/timespan.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

query::Expression expression_of(const rapidjson::Value& json) {
  if (json.IsArray()) {
    std::vector<query::Expression> items;
    items.reserve(json.Size());
    for (const auto& item : json.GetArray()) items.push_back(expression_of(item));
    return {std::move(items)};
  }
  if (json.IsNumber()) return {json.GetDouble()};
  if (json.IsString()) return {std::string(json.GetString(), json.GetStringLength())};
  if (json.IsBool()) return {json.GetBool() ? 1.0 : 0.0};
  return {std::string(json.IsNull() ? "None" : "{...}")};
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

query::Program read_operations(const JsonView& operations) {
  const auto& value = operations.value();
  if (!value.IsString() && !value.IsArray()) {
    operations.refuse(std::string("Expected a tuple/list, got a <class '") + python_type(value) +
                      "'>");
  }
  const query::Expression expression =
      value.IsString() ? parse_text(operations.text()) : expression_of(value);
  query::Program program;
  try {
    program = query::compile(expression);
  } catch (const Refused& fault) {
    operations.refuse(fault.what());
  }
  if (program.references.empty()) refuse_without_metric(expression);
  return program;
}

std::optional<index::FilterTree> read_search(const JsonView& search, const index::IdRules& rules) {
  if (!search.value().IsString()) return parse_filter_json(search.value(), rules);
  try {
    return index::parse_filter(search.text());
  } catch (const Refused& fault) {
    search.refuse(fault.what());
  }
}

}  // namespace

AggregatesBody read_aggregates_body(const Request& request, const index::IdRules& rules) {
  const auto document = parse_json_body(request);
  const JsonView json(document);
  json.expect_object();
  json.allow_only({"operations", "resource_type", "search"});
  AggregatesBody body{read_operations(json.member("operations")), {}, {}};
  if (json.find("resource_type") || json.find("search")) {
    body.resource_type = json.member("resource_type").text();
    body.search = read_search(json.member("search"), rules);
  }
  return body;
}

}  // namespace gnocchi::api
