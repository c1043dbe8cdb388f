#include "indexer-sql/json_columns.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <cmath>
#include <set>

#include "gnocchi/error.h"
#include "gnocchi/naming.h"

namespace gnocchi::sql {
namespace {

constexpr const char* kDefaultMethods[] = {"mean", "min", "max", "sum", "std", "count"};
constexpr const char* kPlainMethods[] = {"mean", "sum",    "last",  "max",  "min",
                                         "std",  "median", "first", "count"};

[[noreturn]] void corrupt(const char* column, std::string_view json) {
  throw Error(Error::Code::corrupt_data,
              std::string("index: column ") + column +
                  " holds no such JSON: " + std::string(json.substr(0, 200)));
}

rapidjson::Document parsed(const char* column, std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag |
                 rapidjson::kParseNanAndInfFlag>(json.data(), json.size());
  if (document.HasParseError()) corrupt(column, json);
  return document;
}

/// As json.dumps writes it: ASCII only.
std::string quoted(std::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer, rapidjson::UTF8<>, rapidjson::ASCII<>> writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

Timespan span_of(const char* column, const rapidjson::Value& value, std::string_view json) {
  // As Python reads it: seconds times 10e8, cut.
  if (!value.IsNumber() || !(std::fabs(value.GetDouble()) < 9.2e9)) corrupt(column, json);
  return Timespan(static_cast<std::int64_t>(value.GetDouble() * 10e8));
}

/// A bound as the user gave it: whole numbers without a fraction.
std::string number_or_null(const std::optional<double>& value) {
  if (!value) return "null";
  if (*value == std::floor(*value) && std::fabs(*value) < 1e15) {
    return std::to_string(static_cast<std::int64_t>(*value));
  }
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, *value).ptr};
}

std::set<std::string> all_methods() {
  std::set<std::string> all;
  const auto add = [&](const std::string& name) {
    all.insert(name);
    all.insert("rate:" + name);
  };
  for (const char* name : kPlainMethods) add(name);
  for (int percent = 1; percent < 100; ++percent) add(std::to_string(percent) + "pct");
  return all;
}

AttributeSpec parse_spec(const rapidjson::Value& value, std::string_view json) {
  AttributeSpec spec;
  if (!value.IsObject()) corrupt("attributes", json);
  const auto member = [&](const char* name) -> const rapidjson::Value* {
    const auto found = value.FindMember(name);
    return found == value.MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
  };
  const auto* type = member("type");
  if (type == nullptr || !type->IsString()) corrupt("attributes", json);
  const auto known = parse_attribute_type({type->GetString(), type->GetStringLength()});
  if (!known) corrupt("attributes", json);
  spec.type = *known;
  if (const auto* v = member("required")) spec.required = v->IsBool() && v->GetBool();
  if (const auto* v = member("min_length"); v && v->IsUint()) spec.min_length = v->GetUint();
  if (const auto* v = member("max_length"); v && v->IsUint()) spec.max_length = v->GetUint();
  if (const auto* v = member("min"); v && v->IsNumber()) spec.min = v->GetDouble();
  if (const auto* v = member("max"); v && v->IsNumber()) spec.max = v->GetDouble();
  return spec;
}

}  // namespace

std::string definition_json(const std::vector<ArchivePolicyItem>& definition) {
  std::string out = "[";
  for (const ArchivePolicyItem& item : definition) {
    if (out.size() > 1) out += ", ";
    out += "{\"timespan\": " + (item.timespan ? python_seconds(*item.timespan) : "null");
    out += ", \"granularity\": " + python_seconds(item.granularity);
    out += ", \"points\": " + (item.points ? std::to_string(*item.points) : "null") + "}";
  }
  return out + "]";
}

std::vector<ArchivePolicyItem> parse_definition(std::string_view json) {
  static constexpr char kColumn[] = "definition";
  const rapidjson::Document document = parsed(kColumn, json);
  if (!document.IsArray()) corrupt(kColumn, json);
  std::vector<ArchivePolicyItem> definition;
  for (const auto& value : document.GetArray()) {
    if (!value.IsObject()) corrupt(kColumn, json);
    ArchivePolicyItem item;
    const auto granularity = value.FindMember("granularity");
    if (granularity == value.MemberEnd()) corrupt(kColumn, json);
    item.granularity = span_of(kColumn, granularity->value, json);
    if (item.granularity <= Timespan::zero()) corrupt(kColumn, json);
    const auto points = value.FindMember("points");
    if (points != value.MemberEnd() && !points->value.IsNull()) {
      if (!points->value.IsNumber() || points->value.GetDouble() < 0) corrupt(kColumn, json);
      item.points = points->value.IsUint64()
                        ? points->value.GetUint64()
                        : static_cast<std::uint64_t>(points->value.GetDouble());
    }
    const auto timespan = value.FindMember("timespan");
    if (timespan != value.MemberEnd() && !timespan->value.IsNull()) {
      item.timespan = span_of(kColumn, timespan->value, json);
    }
    if (item.points && !item.timespan) {
      item.timespan = item.granularity * static_cast<std::int64_t>(*item.points);
    }
    definition.push_back(item);
  }
  return definition;
}

std::string methods_json(const std::vector<std::string>& methods) {
  std::string out = "[";
  for (const std::string& method : methods) {
    if (out.size() > 1) out += ", ";
    out += quoted(method);
  }
  return out + "]";
}

std::vector<std::string> parse_methods(std::string_view json) {
  static constexpr char kColumn[] = "aggregation_methods";
  const rapidjson::Document document = parsed(kColumn, json);
  if (document.IsNull()) return {};
  if (!document.IsArray()) corrupt(kColumn, json);
  std::vector<std::string> stored;
  bool all = false, only_changes = true;
  for (const auto& value : document.GetArray()) {
    if (!value.IsString() || value.GetStringLength() == 0) corrupt(kColumn, json);
    stored.emplace_back(value.GetString(), value.GetStringLength());
    all = all || stored.back() == "*";
    only_changes = only_changes && (stored.back()[0] == '-' || stored.back()[0] == '+');
  }
  std::set<std::string> methods;
  if (all) {
    methods = all_methods();
  } else if (only_changes && !stored.empty()) {
    methods.insert(std::begin(kDefaultMethods), std::end(kDefaultMethods));
  }
  for (const std::string& entry : stored) {
    if (entry != "*" && entry[0] != '-') methods.insert(entry.substr(entry[0] == '+' ? 1 : 0));
  }
  for (const std::string& entry : stored) {
    if (entry[0] == '-') methods.erase(entry.substr(1));
  }
  return {methods.begin(), methods.end()};
}

std::string attributes_json(const std::map<std::string, AttributeSpec>& attributes) {
  std::string out = "{";
  for (const auto& [name, spec] : attributes) {
    if (out.size() > 1) out += ", ";
    out += quoted(name) + ": {\"type\": \"" + to_string(spec.type) +
           "\", \"required\": " + (spec.required ? "true" : "false");
    if (spec.type == AttributeType::string) {
      out += ", \"max_length\": " + std::to_string(spec.max_length.value_or(255));
      out += ", \"min_length\": " + std::to_string(spec.min_length.value_or(0));
    } else if (spec.type == AttributeType::number) {
      out += ", \"min\": " + number_or_null(spec.min) + ", \"max\": " + number_or_null(spec.max);
    }
    out += "}";
  }
  return out + "}";
}

std::map<std::string, AttributeSpec> parse_attributes(std::string_view json) {
  const rapidjson::Document document = parsed("attributes", json);
  if (document.IsNull()) return {};
  if (!document.IsObject()) corrupt("attributes", json);
  std::map<std::string, AttributeSpec> attributes;
  for (const auto& member : document.GetObject()) {
    attributes.emplace(std::string(member.name.GetString(), member.name.GetStringLength()),
                       parse_spec(member.value, json));
  }
  return attributes;
}

}  // namespace gnocchi::sql
