#include "api/influxdb_lines.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "api/errors.h"
#include "core/index/utf8.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

[[noreturn]] void refuse_line(std::size_t line, std::size_t column, std::string_view reason) {
  throw HttpError(400,
                  cause_detail_reason("Value error", "line",
                                      "Unable to parse line " + std::to_string(line) + ": column " +
                                          std::to_string(column) + ": " + std::string(reason)));
}

class LineReader {
 public:
  LineReader(std::string_view body, const LineOptions& options,
             pipeline::MeasureCollector& measures)
      : body_(body), options_(options), measures_(measures) {}

  void read_all() {
    while (at_ < body_.size()) {
      begin_ = at_;
      skip_spaces();
      if (at_end()) {
        end_line();
      } else if (body_[at_] == '#') {
        at_ = std::min(body_.find('\n', at_), body_.size());
        end_line();
      } else {
        read_line();
        end_line();
      }
    }
  }

 private:
  struct Field {
    std::string name;
    std::optional<double> value;  // nullopt: a text
  };

  [[noreturn]] void refuse(std::string_view reason) const {
    refuse_line(line_, at_ - begin_ + 1, reason);
  }

  /// The character in hand; a line feed at the end of the body and of lines.
  char peek() const {
    if (at_ == body_.size()) return '\n';
    const char c = body_[at_];
    const bool ends = c == '\r' && (at_ + 1 == body_.size() || body_[at_ + 1] == '\n');
    return ends ? '\n' : c;
  }
  bool at_end() const { return peek() == '\n'; }

  void skip_spaces() {
    while (peek() == ' ') ++at_;
  }

  void end_line() {
    if (at_ < body_.size() && body_[at_] == '\r') ++at_;
    ++at_;
    ++line_;
  }

  void read_line() {
    metric_.clear();
    tags_.clear();
    fields_.clear();
    read_name("a measurement", false);
    metric_ = std::move(name_);
    while (peek() == ',') read_tag();
    if (peek() != ' ') refuse("expected ',' or a space");
    skip_spaces();
    if (at_end()) refuse("expected a field");
    for (;;) {
      read_field();
      if (peek() != ',') break;
      ++at_;
    }
    if (peek() != ' ' && !at_end()) refuse("expected ',', a space or the end of the line");
    skip_spaces();
    const Timestamp time = at_end() ? options_.now : read_time();
    skip_spaces();
    if (!at_end()) refuse("expected the end of the line");
    store(time);
  }

  /// Reads a name up to ',', ' ' or, in tags and fields, '=', into name_.
  void read_name(const char* what, bool ends_at_equals) {
    name_.clear();
    if (peek() == '"' && read_quoted_name(ends_at_equals)) return;
    const std::size_t from = at_;
    for (;; ++at_) {
      char c = peek();
      if (c == '\n' || c == ' ' || c == ',' || (c == '=' && ends_at_equals)) break;
      if (c == '\\' && at_ + 1 < body_.size()) {
        const char next = body_[at_ + 1];
        if (next == ' ' || next == ',' || next == '=') c = body_[++at_];
      }
      name_ += c;
    }
    if (name_.empty()) refuse(std::string("expected ") + what);
    if (!index::is_utf8(name_)) {
      at_ = from;
      refuse("not UTF-8");
    }
  }

  /// False: no quote ends it where a name may end; it is an ordinary name then.
  bool read_quoted_name(bool ends_at_equals) {
    const std::size_t from = at_++;
    while (!at_end() && peek() != '"') {
      if (peek() == '\\' && at_ + 1 < body_.size() && body_[at_ + 1] != '\n') ++at_;
      name_ += body_[at_++];
    }
    if (peek() == '"') {
      ++at_;
      const char c = peek();
      const bool ends = c == '\n' || c == ' ' || c == ',' || (c == '=' && ends_at_equals);
      if (ends && !name_.empty() && index::is_utf8(name_)) return true;
    }
    at_ = from;
    name_.clear();
    return false;
  }

  void read_tag() {
    ++at_;
    read_name("a tag", true);
    std::string key = std::move(name_);
    if (peek() != '=') refuse("expected '=' and the tag's value");
    ++at_;
    read_name("the tag's value", true);
    const auto known =
        std::find_if(tags_.begin(), tags_.end(), [&](const auto& tag) { return tag.first == key; });
    if (known != tags_.end()) {
      known->second = std::move(name_);
    } else {
      tags_.emplace_back(std::move(key), std::move(name_));
    }
  }

  void read_field() {
    read_name("a field", true);
    std::string key = std::move(name_);
    if (peek() != '=') refuse("expected '=' and the field's value");
    ++at_;
    const auto value = read_value();
    const auto known = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const Field& field) { return field.name == key; });
    if (known != fields_.end()) {
      known->value = value;
    } else {
      fields_.push_back({std::move(key), value});
    }
  }

  std::optional<double> read_value() {
    if (peek() == '"') {
      skip_text();
      return std::nullopt;
    }
    std::size_t size = 0;
    while (at_ + size < body_.size() &&
           std::string_view(", \n\r").find(body_[at_ + size]) == std::string_view::npos) {
      ++size;
    }
    const std::string_view word = body_.substr(at_, size);
    const auto value = number_of(word);
    if (!value) refuse("the field's value is no number, boolean or text in quotes");
    at_ += size;
    return value;
  }

  /// A text's quotes may stand lines apart.
  void skip_text() {
    std::size_t lines = 0, begin = begin_;
    std::size_t end = at_ + 1;
    for (; end < body_.size() && body_[end] != '"'; ++end) {
      if (body_[end] == '\\' && end + 1 < body_.size() && body_[end + 1] != '\n') ++end;
      if (body_[end] == '\n') {
        ++lines;
        begin = end + 1;
      }
    }
    if (end >= body_.size()) refuse("the text in quotes does not end");
    at_ = end + 1;
    line_ += lines;
    begin_ = begin;
  }

  static std::optional<double> number_of(std::string_view word) {
    for (const std::string_view yes : {"t", "T", "true", "True", "TRUE"}) {
      if (word == yes) return 1;
    }
    for (const std::string_view no : {"f", "F", "false", "False", "FALSE"}) {
      if (word == no) return 0;
    }
    if (word.starts_with('+') && !word.starts_with("+-")) word.remove_prefix(1);
    const bool whole = !word.empty() && (word.back() == 'i' || word.back() == 'u');
    if (whole) word.remove_suffix(1);
    const auto digits = word.substr(word.starts_with('-') ? 1 : 0);
    const auto first = digits.substr(digits.starts_with('.') ? 1 : 0);
    if (first.empty() || !is_decimal(first.front())) return std::nullopt;  // nan, inf
    if (whole && !std::all_of(digits.begin(), digits.end(), is_decimal)) return std::nullopt;
    double value = 0;
    const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (fault != std::errc{} || end != word.data() + word.size()) return std::nullopt;
    return value;
  }

  Timestamp read_time() {
    const std::size_t from = at_;
    const auto refuse_time = [&](const char* reason) {
      at_ = from;
      refuse(reason);
    };
    if (peek() == '-') refuse_time("the timestamp is before the Epoch");
    std::int64_t count = 0;
    const auto [end, fault] =
        std::from_chars(body_.data() + at_, body_.data() + body_.size(), count);
    std::int64_t ns = 0;
    if (fault == std::errc::invalid_argument) refuse_time("the timestamp is no whole number");
    if (fault != std::errc{} || __builtin_mul_overflow(count, options_.unit_ns, &ns)) {
      refuse_time("the timestamp is too large for its precision");
    }
    at_ = static_cast<std::size_t>(end - body_.data());
    if (peek() != ' ' && !at_end()) refuse_time("the timestamp is no whole number");
    return Timestamp(Timespan(ns));
  }

  void store(Timestamp time) {
    const auto id = std::find_if(tags_.begin(), tags_.end(), [&](const auto& tag) {
      return tag.first == options_.resource_tag;
    });
    if (id == tags_.end()) {
      throw HttpError(400, cause_detail_reason("Value error", "key",
                                               "Unable to find key `" + options_.resource_tag +
                                                   "' in tags of line " + std::to_string(line_)));
    }
    if (std::none_of(fields_.begin(), fields_.end(),
                     [](const Field& field) { return field.value.has_value(); })) {
      return;
    }
    const std::size_t resource = resource_of(id->second);
    tags_.erase(id);
    std::sort(tags_.begin(), tags_.end());
    std::string suffix;
    for (const auto& [key, value] : tags_) {
      suffix.append(suffix.empty() ? "@" : ",").append(key).append("=").append(value);
    }
    for (const Field& field : fields_) {
      if (!field.value) continue;
      std::string name = metric_ + "." + field.name + suffix;
      std::replace(name.begin(), name.end(), '/', '_');
      measures_.measures(resource, name).push_back({time, *field.value});
    }
  }

  std::size_t resource_of(const std::string& original) {
    try {
      return measures_.resource(original);
    } catch (const Refused& refused) {
      throw HttpError(
          400, cause_detail_reason("Value error", "line",
                                   "Unable to parse line " + std::to_string(line_) + ": tag " +
                                       options_.resource_tag + ": " + refused.what()));
    }
  }

  const std::string_view body_;
  const LineOptions& options_;
  pipeline::MeasureCollector& measures_;
  std::size_t at_ = 0, begin_ = 0, line_ = 1;
  std::string name_, metric_;
  std::vector<std::pair<std::string, std::string>> tags_;
  std::vector<Field> fields_;
};

}  // namespace

void parse_lines(std::string_view body, const LineOptions& options,
                 pipeline::MeasureCollector& measures) {
  LineReader(body, options, measures).read_all();
}

std::optional<std::int64_t> precision_unit_ns(std::string_view precision) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> kUnits{
      {{"n", 1},
       {"ns", 1},
       {"u", 1000},
       {"\xc2\xb5", 1000},
       {"ms", 1'000'000},
       {"s", kSecond},
       {"m", 60 * kSecond},
       {"h", 3600 * kSecond}}};
  for (const auto& [name, unit] : kUnits) {
    if (name == precision) return unit;
  }
  return std::nullopt;
}

}  // namespace gnocchi::api
