#include "api/errors.h"

#include "api/json.h"
#include "api/python_text.h"

namespace gnocchi::api {

HttpError::HttpError(int status, std::string sentence)
    : status_(status), detail_{std::move(sentence), false} {}

HttpError::HttpError(int status, Detail detail, Headers headers)
    : status_(status), detail_(std::move(detail)), headers_(std::move(headers)) {}

Detail cause_and_detail(std::string_view cause, std::string_view detail) {
  Detail result{{}, true};
  JsonWriter json(result.text);
  json.begin_object();
  json.key("cause");
  json.text(cause);
  json.key("detail");
  json.text(detail);
  json.end_object();
  return result;
}

Detail cause_detail_reason(std::string_view cause, std::string_view detail,
                           std::string_view reason) {
  Detail result{{}, true};
  JsonWriter json(result.text);
  json.begin_object();
  json.key("cause");
  json.text(cause);
  json.key("detail");
  json.text(detail);
  json.key("reason");
  json.text(reason);
  json.end_object();
  return result;
}

InvalidInput invalid_input(std::string_view reason, const std::vector<PathStep>& path) {
  std::string sentence(reason);
  if (!path.empty()) sentence += " @ data";
  for (const auto& step : path) {
    sentence += "[" + (step.is_index ? step.key : python_repr(step.key)) + "]";
  }
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Invalid input");
  json.key("reason");
  json.text(sentence);
  json.key("detail");
  json.begin_array();
  for (const auto& step : path) json.text(step.key);
  json.end_array();
  json.end_object();
  return {std::move(sentence), std::move(detail)};
}

}  // namespace gnocchi::api
