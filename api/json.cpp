#include "api/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace gnocchi::api {
namespace {

// Deeper than any request that makes sense; filters of the search nest a few levels.
constexpr std::size_t kMaxDepth = 100;

// Numbers come as text: RapidJSON itself makes -1.3e-197 of a zero with 28 decimals.
constexpr unsigned kParseFlags = rapidjson::kParseNumbersAsStringsFlag |
                                 rapidjson::kParseNanAndInfFlag | rapidjson::kParseIterativeFlag |
                                 rapidjson::kParseValidateEncodingFlag;

/// Feeds a document with exact numbers and stops at kMaxDepth.
class DepthLimit {
 public:
  explicit DepthLimit(rapidjson::Document& target) : target_(target) {}
  bool too_deep() const { return too_deep_; }

  bool Null() { return target_.Null(); }
  bool Bool(bool b) { return target_.Bool(b); }
  bool Int(int i) { return target_.Int(i); }
  bool Uint(unsigned i) { return target_.Uint(i); }
  bool Int64(std::int64_t i) { return target_.Int64(i); }
  bool Uint64(std::uint64_t i) { return target_.Uint64(i); }
  bool Double(double d) { return target_.Double(d); }
  bool RawNumber(const char* s, rapidjson::SizeType n, bool) {
    const char* const end = s + n;
    std::int64_t whole = 0;
    const auto integer = std::from_chars(s, end, whole);
    if (integer.ec == std::errc{} && integer.ptr == end) return target_.Int64(whole);
    double real = 0;
    // "Infinity" and "NaN" too. What is too small to be told from zero is zero; what is too large
    // the reader has refused.
    std::from_chars(s, end, real);
    return target_.Double(real);
  }
  bool String(const char* s, rapidjson::SizeType n, bool copy) {
    return target_.String(s, n, copy);
  }
  bool Key(const char* s, rapidjson::SizeType n, bool copy) { return target_.Key(s, n, copy); }
  bool StartObject() { return enter() && target_.StartObject(); }
  bool EndObject(rapidjson::SizeType n) { return leave() && target_.EndObject(n); }
  bool StartArray() { return enter() && target_.StartArray(); }
  bool EndArray(rapidjson::SizeType n) { return leave() && target_.EndArray(n); }

 private:
  bool enter() {
    too_deep_ = ++depth_ > kMaxDepth;
    return !too_deep_;
  }
  bool leave() {
    --depth_;
    return true;
  }

  rapidjson::Document& target_;
  std::size_t depth_ = 0;
  bool too_deep_ = false;
};

}  // namespace

void require_content_type(const Request& request, const std::vector<std::string>& types) {
  std::string_view type = request.headers.get("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  const auto begin = type.find_first_not_of(" \t");
  type = begin == std::string_view::npos ? "" : type.substr(begin);
  type = type.substr(0, type.find_last_not_of(" \t") + 1);
  if (std::none_of(types.begin(), types.end(),
                   [&](const std::string& t) { return equals_ignoring_case(t, type); })) {
    throw HttpError(415);
  }
}

void refuse_body(const std::string& reason) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Unable to decode body");
  json.key("reason");
  json.text(reason);
  json.key("detail");
  json.begin_array();
  json.end_array();
  json.end_object();
  throw HttpError(400, std::move(detail));
}

rapidjson::Document parse_json(std::string_view text) {
  rapidjson::Document document;
  std::string fault;
  const auto fill = [&](rapidjson::Document& target) {
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    DepthLimit limit(target);
    const auto result = reader.Parse<kParseFlags>(stream, limit);
    if (limit.too_deep()) {
      fault = "Nested deeper than " + std::to_string(kMaxDepth) + " levels";
    } else if (result.Code() == rapidjson::kParseErrorDocumentEmpty) {
      fault = "Expected object or value";  // ujson's words, which clients know
      return false;
    } else if (result.IsError()) {
      fault = rapidjson::GetParseError_En(result.Code());
    }
    if (!fault.empty()) fault += " (at byte " + std::to_string(result.Offset()) + ")";
    return fault.empty();
  };
  document.Populate(fill);
  if (!fault.empty()) refuse_body(fault);
  return document;
}

rapidjson::Document parse_json_body(const Request& request, const std::vector<std::string>& types) {
  require_content_type(request, types);
  return parse_json(request.body);
}

void JsonView::refuse(std::string_view reason) const {
  std::string sentence(reason);
  if (!path_.empty() && !path_.back().is_index) sentence += " for dictionary value";
  throw invalid_input(sentence, path_);
}

void JsonView::expect_object() const {
  if (!value_->IsObject()) throw invalid_input("expected a dictionary", path_);
}

void JsonView::expect_array() const {
  if (!value_->IsArray()) refuse("expected a list");
}

std::string JsonView::text() const {
  if (!value_->IsString()) refuse("expected str");
  return {value_->GetString(), value_->GetStringLength()};
}

bool JsonView::is_null() const { return value_->IsNull(); }

std::optional<JsonView> JsonView::find(std::string_view name) const {
  expect_object();
  // Of equal keys the last counts, as in Python.
  for (auto member = value_->MemberEnd(); member != value_->MemberBegin();) {
    --member;
    if (std::string_view(member->name.GetString(), member->name.GetStringLength()) == name) {
      auto path = path_;
      path.push_back({std::string(name), false});
      return JsonView(member->value, std::move(path));
    }
  }
  return std::nullopt;
}

JsonView JsonView::member(std::string_view name) const {
  auto found = find(name);
  if (found) return std::move(*found);
  auto path = path_;
  path.push_back({std::string(name), false});
  throw invalid_input("required key not provided", path);
}

void JsonView::allow_only(std::initializer_list<std::string_view> names) const {
  expect_object();
  for (const auto& member : value_->GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      auto path = path_;
      path.push_back({std::string(name), false});
      throw invalid_input("extra keys not allowed", path);
    }
  }
}

void JsonView::each_member(
    const std::function<void(std::string_view name, const JsonView&)>& f) const {
  expect_object();
  for (const auto& member : value_->GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    auto path = path_;
    path.push_back({std::string(name), false});
    f(name, JsonView(member.value, std::move(path)));
  }
}

void JsonView::each_item(const std::function<void(const JsonView&)>& f) const {
  expect_array();
  std::size_t index = 0;
  for (const auto& item : value_->GetArray()) {
    auto path = path_;
    path.push_back({std::to_string(index++), true});
    f(JsonView(item, std::move(path)));
  }
}

}  // namespace gnocchi::api
