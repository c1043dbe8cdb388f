#include "api/point_table.h"

#include <array>
#include <cmath>
#include <utility>

#include "api/json.h"
#include "api/measure_rows.h"

namespace gnocchi::api {
namespace {

constexpr std::string_view kLineEnd = "\r\n";  // RFC 4180's
constexpr std::size_t kUsualTableRow = 80;

/// One field: quoted if it holds what ends a field, a row or a quotation.
void append_field(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

/// Null: nothing. Ids and times as JSON has them, without the quotes.
void append_value(std::string& out, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return;
  if (const auto* text = std::get_if<std::string>(&value)) return append_field(out, *text);
  std::string json;
  JsonWriter(json).value(value);
  std::erase(json, '"');
  out += json;
}

std::string csv_sampling(const query::Sampling& sampling) {
  std::string text = json_sampling(sampling);
  std::erase(text, '"');
  return text;
}

}  // namespace

PointTable::PointTable(RowForm form, const std::vector<std::string>& group,
                       const std::vector<std::string>& series, Response& response)
    : csv_(form == RowForm::csv), group_(group), series_(series), out_(response.body) {
  response.headers.set("Content-Type",
                       csv_ ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson");
  if (!csv_) {
    set_keys({}, {});
    return;
  }
  for (const auto& name : group_) {
    append_field(out_, "group." + name);
    out_ += ',';
  }
  for (const auto& name : series_) out_ += name + ',';
  out_ += "timestamp,granularity,value";
  out_ += kLineEnd;
}

void PointTable::set_keys(const std::vector<Value>& group, const std::vector<std::string>& series) {
  keys_.clear();
  if (csv_) {
    for (const Value& value : group) {
      append_value(keys_, value);
      keys_ += ',';
    }
    for (const auto& text : series) {
      append_field(keys_, std::string_view(text));
      keys_ += ',';
    }
    return;
  }
  JsonWriter json(keys_);
  json.begin_object();
  if (!group.empty()) {
    json.key("group");
    json.begin_object();
    for (std::size_t i = 0; i < group.size(); ++i) {
      json.key(group_[i]);
      json.value(group[i]);
    }
    json.end_object();
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    json.key(series_[i]);
    json.text(series[i]);
  }
  json.key("timestamp");
  keys_ += '"';
}

void PointTable::put_value(double value, bool truths) {
  if (truths) {
    out_ += value != 0 ? "true" : "false";
  } else if (csv_ || std::isfinite(value)) {
    std::array<char, 32> text{};  // as put_double() asks for
    out_.append(text.data(), put_double(text.data(), value));
  } else {
    out_ += "null";
  }
}

void PointTable::add(std::span<const std::int64_t> times, std::span<const double> values,
                     const query::Sampling& sampling, bool truths) {
  const std::string middle =
      csv_ ? "," + csv_sampling(sampling) + ","
           : "\", \"granularity\": " + json_sampling(sampling) + ", \"value\": ";
  const std::string_view end = csv_ ? kLineEnd : std::string_view("}\n");
  out_.reserve(out_.size() + times.size() * (kUsualTableRow + keys_.size()));
  std::array<char, index::kTimestampText> time{};
  for (std::size_t i = 0; i < times.size(); ++i) {
    times_.put(time.data(), times[i]);
    out_ += keys_;
    out_.append(time.data(), time.size());
    out_ += middle;
    put_value(values[i], truths);
    out_ += end;
  }
}

}  // namespace gnocchi::api
