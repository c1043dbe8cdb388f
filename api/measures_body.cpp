#include "api/measures_body.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "api/errors.h"
#include "api/json.h"
#include "api/measure_list_reader.h"
#include "core/index/resource_id.h"
#include "core/index/utf8.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

// The deepest body of use has five levels; the parser recurses, so there must be a limit.
constexpr int kMaxNesting = 100;

// So many names are looked through faster than a table of them is made.
constexpr std::size_t kFewNames = 16;

// Numbers stay text: RapidJSON's own conversion rounds some of them wrongly.
constexpr unsigned kMeasureFlags = rapidjson::kParseInsituFlag |
                                   rapidjson::kParseNumbersAsStringsFlag |
                                   rapidjson::kParseNanAndInfFlag;

/// The first fault of a body.
struct BodyFault {
  std::string reason;
  std::vector<PathStep> path;

  void note(std::string why, std::vector<PathStep> where) {
    if (!reason.empty() || why.empty()) return;
    reason = std::move(why);
    path = std::move(where);
  }
  /// Of a value that belongs to a key, which is the last of `where`.
  void note_value(const std::string& why, std::vector<PathStep> where) {
    if (!why.empty()) note(why + " for dictionary value", std::move(where));
  }
  void raise() const {
    if (!reason.empty()) throw invalid_input(reason, path);
  }
};

/// RapidJSON's events, handed to `body.take`.
template <class Body>
class Events {
 public:
  Events(Body& body, rapidjson::InsituStringStream& text) : body_(body), text_(text) {}
  bool too_deep() const noexcept { return depth_ > kMaxNesting; }

  using Size = rapidjson::SizeType;
  using Kind = JsonEvent::Kind;
  bool Null() { return give({Kind::null}); }
  bool Bool(bool truth) { return give({Kind::boolean, {}, truth}); }
  bool RawNumber(const char* text, Size size, bool) { return give({Kind::number, {text, size}}); }
  bool String(const char* text, Size size, bool) { return give({Kind::text, {text, size}}); }
  bool Key(const char* text, Size size, bool) { return give({Kind::key, {text, size}}); }
  bool StartObject() { return ++depth_ <= kMaxNesting && give({Kind::begin_object}); }
  bool EndObject(Size) { return --depth_, give({Kind::end_object}); }
  bool StartArray() {
    if (++depth_ > kMaxNesting) return false;
    body_.take({Kind::begin_array});
    // The parser is about to read on from where the stream stands.
    text_.src_ += body_.take_plain(text_.src_) - text_.src_;
    return true;
  }
  bool EndArray(Size) { return --depth_, give({Kind::end_array}); }
  // Never called: numbers come as text.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  bool give(const JsonEvent& event) {
    body_.take(event);
    return true;
  }

  Body& body_;
  rapidjson::InsituStringStream& text_;
  int depth_ = 0;
};

template <class Body>
void parse(std::string_view text, Body& body) {
  // The parser takes a NUL for the end of the text.
  if (text.find('\0') != std::string_view::npos) refuse_body("Invalid value.");
  std::string copy{text};
  rapidjson::InsituStringStream stream{copy.data()};
  rapidjson::Reader reader;
  Events<Body> events{body, stream};
  const auto result = reader.Parse<kMeasureFlags>(stream, events);
  const std::string where = " (at byte " + std::to_string(result.Offset()) + ")";
  if (events.too_deep()) {
    refuse_body("Nested deeper than " + std::to_string(kMaxNesting) + " levels" + where);
  }
  if (result.IsError()) refuse_body(rapidjson::GetParseError_En(result.Code()) + where);
}

/// A text that is kept must be UTF-8.
std::string kept_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    const index::DecodedCharacter character = index::decode_utf8(text.substr(i));
    if (character.value == 0xfffd && character.size == 1) {
      refuse_body("Invalid encoding in string.");
    }
    i += character.size;
  }
  return std::string{text};
}

/// Passes over one value.
class Skipper {
 public:
  void begin() noexcept { depth_ = 0; }
  /// True once the value is complete.
  bool take(const JsonEvent& event) noexcept {
    depth_ += event.begins() ? 1 : event.ends() ? -1 : 0;
    return depth_ == 0;
  }

 private:
  int depth_ = 0;
};

class MeasuresBody {
 public:
  MeasuresBody(std::vector<Measure>& out, Timestamp now) : reader_(now) { reader_.begin(out); }
  void take(const JsonEvent& event) { reader_.take(event); }
  const char* take_plain(const char* text) { return reader_.take_plain(text); }
  std::string fault() const { return reader_.fault(); }

 private:
  MeasureListReader reader_;
};

class MetricsBody {
 public:
  explicit MetricsBody(Timestamp now) : reader_(now) {}

  void take(const JsonEvent& event) {
    switch (place_) {
      case Place::before:
        if (event.kind != JsonEvent::Kind::begin_object) fault_.note("expected a dictionary", {});
        place_ = event.kind == JsonEvent::Kind::begin_object ? Place::keys : Place::skip;
        if (place_ == Place::skip) skipper_.take(event);
        return;
      case Place::keys:
        if (event.kind == JsonEvent::Kind::key) take_key(event.text);
        return;
      case Place::list:
        if (!reader_.take(event)) return;
        if (reader_.failed()) fault_.note_value(reader_.fault(), {{std::string{key_}, false}});
        place_ = Place::keys;
        return;
      case Place::skip:
        if (skipper_.take(event)) place_ = Place::keys;
        return;
    }
  }

  const char* take_plain(const char* text) {
    return place_ == Place::list ? reader_.take_plain(text) : text;
  }

  std::vector<pipeline::MetricMeasures> result() {
    fault_.raise();
    return std::move(metrics_);
  }

 private:
  enum class Place { before, keys, list, skip };

  void take_key(std::string_view key) {
    const auto id = Uuid::parse(key);
    if (!id) {
      fault_.note("extra keys not allowed", {{kept_text(key), false}});
      skipper_.begin();
      place_ = Place::skip;
      return;
    }
    const auto [entry, is_new] = positions_.emplace(MetricId{*id}, metrics_.size());
    if (is_new) metrics_.push_back({MetricId{*id}, {}});
    auto& measures = metrics_[entry->second].measures;
    measures.clear();
    reader_.begin(measures);
    key_ = key;
    place_ = Place::list;
  }

  Place place_ = Place::before;
  MeasureListReader reader_;
  Skipper skipper_;
  BodyFault fault_;
  std::string_view key_;
  std::vector<pipeline::MetricMeasures> metrics_;
  std::unordered_map<MetricId, std::size_t> positions_;
};

class ResourcesBody {
 public:
  ResourcesBody(const index::IdRules& rules, Timestamp now) : rules_(rules), reader_(now) {}

  void take(const JsonEvent& event) {
    switch (place_) {
      case Place::before:
        if (event.kind == JsonEvent::Kind::begin_object) {
          place_ = Place::resources;
        } else {
          fault_.note("expected a dictionary", {});
          skip(Place::resources);
          take(event);
        }
        return;
      case Place::resources:
        if (event.kind == JsonEvent::Kind::key) take_resource(event.text);
        return;
      case Place::resource: take_resource_value(event); return;
      case Place::names:
        if (event.kind == JsonEvent::Kind::key)
          take_name(event.text);
        else
          place_ = Place::resources;
        return;
      case Place::metric: take_metric_value(event); return;
      case Place::details: take_detail(event); return;
      case Place::text: take_text(event); return;
      case Place::list:
        if (!reader_.take(event)) return;
        if (reader_.failed()) fault_.note_value(reader_.fault(), path(detailed_));
        place_ = detailed_ ? Place::details : Place::names;
        return;
      case Place::skip:
        if (skipper_.take(event)) place_ = after_skip_;
        return;
    }
  }

  const char* take_plain(const char* text) {
    return place_ == Place::list ? reader_.take_plain(text) : text;
  }

  std::vector<ResourceMeasures> result() {
    fault_.raise();
    return std::move(resources_);
  }

 private:
  enum class Place { before, resources, resource, names, metric, details, text, list, skip };

  NamedMeasures& metric() { return resources_[resource_].metrics[metric_]; }

  /// Where the parser is: resource, name and, with `detail`, the key inside of the metric.
  std::vector<PathStep> path(bool detail) {
    std::vector<PathStep> steps{{resources_[resource_].original_id, false}, {metric().name, false}};
    if (detail) steps.push_back({detail_, false});
    return steps;
  }

  void skip(Place afterwards) {
    skipper_.begin();
    after_skip_ = afterwards;
    place_ = Place::skip;
  }

  void take_resource(std::string_view key) {
    std::string original = kept_text(key);
    try {
      const ResourceId id = index::resource_id(original, rules_);
      const auto [entry, is_new] = resource_positions_.emplace(id, resources_.size());
      resource_ = entry->second;
      if (is_new) resources_.push_back({original, id, {}});
    } catch (const Refused&) {
      fault_.note("extra keys not allowed", {{std::move(original), false}});
      skip(Place::resources);
      return;
    }
    // The same key again replaces; another spelling of the same id adds.
    auto& metrics = resources_[resource_].metrics;
    if (resources_[resource_].original_id == original) metrics.clear();
    names_.clear();
    place_ = Place::resource;
  }

  void take_resource_value(const JsonEvent& event) {
    if (event.kind == JsonEvent::Kind::begin_object) {
      place_ = Place::names;
      return;
    }
    fault_.note_value("expected a dictionary", {{resources_[resource_].original_id, false}});
    skip(Place::resources);
    take(event);
  }

  void take_name(std::string_view key) {
    auto& metrics = resources_[resource_].metrics;
    std::string name = kept_text(key);
    metric_ = find_name(name);
    if (metric_ == metrics.size()) metrics.emplace_back();
    metric() = {std::move(name), {}, {}, {}};
    has_measures_ = is_filled_ = detailed_ = false;
    place_ = Place::metric;
  }

  /// Its position among the metrics of the resource; their number: it is new.
  std::size_t find_name(const std::string& name) {
    const auto& metrics = resources_[resource_].metrics;
    if (metrics.size() <= kFewNames) {
      return static_cast<std::size_t>(
          std::find_if(metrics.begin(), metrics.end(),
                       [&](const NamedMeasures& metric) { return metric.name == name; }) -
          metrics.begin());
    }
    for (std::size_t i = names_.size(); i < metrics.size(); ++i) names_.emplace(metrics[i].name, i);
    return names_.emplace(name, metrics.size()).first->second;
  }

  void take_metric_value(const JsonEvent& event) {
    if (event.kind == JsonEvent::Kind::begin_object) {
      detailed_ = true;
      place_ = Place::details;
      return;
    }
    reader_.begin(metric().measures);
    place_ = Place::list;
    take(event);
  }

  void take_detail(const JsonEvent& event) {
    if (event.kind == JsonEvent::Kind::end_object) {
      // "{}" is a list without measures.
      if (is_filled_ && !has_measures_) {
        detail_ = "measures";
        fault_.note("required key not provided", path(true));
      }
      place_ = Place::names;
      return;
    }
    is_filled_ = true;
    detail_ = event.text;
    if (detail_ == "measures") {
      has_measures_ = true;
      metric().measures.clear();
      reader_.begin(metric().measures);
      place_ = Place::list;
    } else if (detail_ == "archive_policy_name" || detail_ == "unit") {
      place_ = Place::text;
    } else {
      detail_ = kept_text(detail_);
      fault_.note("extra keys not allowed", path(true));
      skip(Place::details);
    }
  }

  void take_text(const JsonEvent& event) {
    if (event.kind != JsonEvent::Kind::text) {
      fault_.note_value("expected str", path(true));
      skip(Place::details);
      take(event);
      return;
    }
    (detail_ == "unit" ? metric().unit : metric().archive_policy_name) = kept_text(event.text);
    place_ = Place::details;
  }

  index::IdRules rules_;
  Place place_ = Place::before;
  Place after_skip_ = Place::before;
  MeasureListReader reader_;
  Skipper skipper_;
  BodyFault fault_;
  std::vector<ResourceMeasures> resources_;
  std::unordered_map<ResourceId, std::size_t> resource_positions_;
  std::unordered_map<std::string, std::size_t> names_;  ///< of the resource being read, if many
  std::size_t resource_ = 0, metric_ = 0;               ///< being read
  std::string detail_;
  bool detailed_ = false, is_filled_ = false, has_measures_ = false;
};

}  // namespace

std::vector<Measure> parse_measures(std::string_view body, Timestamp now) {
  std::vector<Measure> measures;
  MeasuresBody parsed{measures, now};
  parse(body, parsed);
  if (const std::string fault = parsed.fault(); !fault.empty()) throw invalid_input(fault, {});
  return measures;
}

std::vector<pipeline::MetricMeasures> parse_metrics_measures(std::string_view body, Timestamp now) {
  MetricsBody parsed{now};
  parse(body, parsed);
  return parsed.result();
}

std::vector<ResourceMeasures> parse_resources_measures(std::string_view body,
                                                       const index::IdRules& rules, Timestamp now) {
  ResourcesBody parsed{rules, now};
  parse(body, parsed);
  return parsed.result();
}

}  // namespace gnocchi::api
