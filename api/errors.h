#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "api/http.h"

/// Errors as clients get them; their form follows Accept (docs: behaviour of error bodies).
namespace gnocchi::api {

/// The text of an error: a sentence, or a JSON object already serialised ({"cause": ...}).
struct Detail {
  std::string text;
  bool is_json = false;
};

/// Ends a request with this status. Controllers throw it; the dispatcher turns it, gnocchi::Refused
/// and gnocchi::Error into the response.
class HttpError : public std::exception {
 public:
  explicit HttpError(int status, std::string sentence = {});
  HttpError(int status, Detail detail, Headers headers = {});
  const char* what() const noexcept override { return detail_.text.c_str(); }
  int status() const noexcept { return status_; }
  const Detail& detail() const noexcept { return detail_; }
  const Headers& headers() const noexcept { return headers_; }

 private:
  int status_;
  Detail detail_;
  Headers headers_;
};

/// {"cause": cause, "detail": detail} and {"cause", "detail", "reason"}; `detail` is a plain
/// string.
Detail cause_and_detail(std::string_view cause, std::string_view detail);
Detail cause_detail_reason(std::string_view cause, std::string_view detail,
                           std::string_view reason);

/// A body that does not fit its schema: 400 {"cause": "Invalid input", "reason": "<reason> @
/// data['a'][0]", "detail": ["a", "0"]}. `path` holds the keys and indexes (as text; `is_index`
/// tells them apart) from the root to the fault.
struct PathStep {
  std::string key;
  bool is_index = false;
};
class InvalidInput : public HttpError {
 public:
  InvalidInput(std::string reason, Detail detail)
      : HttpError(400, std::move(detail)), reason_(std::move(reason)) {}
  /// The "reason" of the answer.
  const std::string& reason() const noexcept { return reason_; }

 private:
  std::string reason_;
};
InvalidInput invalid_input(std::string_view reason, const std::vector<PathStep>& path);

}  // namespace gnocchi::api
