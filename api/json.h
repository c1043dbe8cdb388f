#pragma once

#include <rapidjson/document.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/errors.h"
#include "api/http.h"
#include "api/python_text.h"
#include "api/short_decimal.h"
#include "gnocchi/types.h"

/// JSON in and out for everything but measures (those are parsed without a DOM, api/measures_body).
namespace gnocchi::api {

/// Any text as JSON. Throws 400 {"cause": "Unable to decode body", ...} naming the offset if it is
/// no JSON or deeper than 100 levels. Accepts NaN and Infinity as ujson does.
rapidjson::Document parse_json(std::string_view text);

/// 415 if the content type (without its parameters) is none of `types`.
void require_content_type(const Request& request,
                          const std::vector<std::string>& types = {"application/json"});
/// 400 {"cause": "Unable to decode body", "reason": reason, "detail": []}.
[[noreturn]] void refuse_body(const std::string& reason);

/// The body as JSON, likewise; 415 if the content type is none of `types`.
rapidjson::Document parse_json_body(const Request& request,
                                    const std::vector<std::string>& types = {"application/json"});

/// Walks a document and says where it does not fit, in voluptuous's words and paths. The document
/// must outlive it.
class JsonView {
 public:
  explicit JsonView(const rapidjson::Value& value) : value_(&value) {}
  /// `path` is where errors say the value is.
  JsonView(const rapidjson::Value& value, std::vector<PathStep> path)
      : value_(&value), path_(std::move(path)) {}

  const rapidjson::Value& value() const { return *value_; }
  const std::vector<PathStep>& path() const { return path_; }
  /// invalid_input here; as voluptuous does, " for dictionary value" is appended where the value is
  /// that of a key.
  [[noreturn]] void refuse(std::string_view reason) const;

  void expect_object() const;  ///< "expected a dictionary"
  void expect_array() const;   ///< "expected a list"
  std::string text() const;    ///< "expected str"
  bool is_null() const;
  JsonView member(std::string_view name) const;  ///< required: "required key not provided"
  std::optional<JsonView> find(std::string_view name) const;  ///< of equal keys the last
  /// "extra keys not allowed" at the first key not in `names`.
  void allow_only(std::initializer_list<std::string_view> names) const;
  void each_member(const std::function<void(std::string_view name, const JsonView&)>& f) const;
  void each_item(const std::function<void(const JsonView&)>& f) const;

 private:
  const rapidjson::Value* value_;
  std::vector<PathStep> path_;
};

/// Appends JSON text to a buffer, with the separators of Python's json module (", " and ": ", which
/// some clients match as text) and numbers in Python's layout.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);
  void text(std::string_view value);  ///< escapes; invalid UTF-8 is replaced by U+FFFD
  void number(double value);
  void number(std::int64_t value);
  void boolean(bool value);
  void null();
  void time(Timestamp value);  ///< "2014-01-01T12:00:00+00:00", microseconds if there are any
  void uuid(const Uuid& value);
  void value(const Value& value);
  void raw(std::string_view json);  ///< already JSON

 private:
  void separate();
  std::string& out_;
  bool first_ = true;
};

/// As put_double(), for what put_short_decimal() refuses and everything else.
char* put_other_double(char* buffer, double value);

/// Shortest round-trip digits in Python's layout, exponent not zero-padded; NaN, Infinity.
/// `buffer` holds 32 bytes; returns the end.
inline char* put_double(char* buffer, double value) {
  char* const end = put_short_decimal(buffer, value);
  return end != nullptr ? end : put_other_double(buffer, value);
}

}  // namespace gnocchi::api
