#include "api/measure_list_reader.h"

#include <charconv>

#include "api/plain_measures.h"
#include "core/index/timespan.h"

namespace gnocchi::api {
namespace {

std::optional<double> number_of(std::string_view digits) noexcept {
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error == std::errc{} && stop == end) return value;
  return index::parse_float(digits);
}

/// Characters of a bad timestamp that its error shows.
constexpr std::size_t kShownTimestamp = 64;

}  // namespace

void MeasureListReader::begin(std::vector<Measure>& out) noexcept {
  out_ = &out;
  place_ = Place::before;
  fault_ = Fault::none;
  timestamp_fault_ = index::TimestampFault::none;
  bad_timestamp_.clear();
  has_absolute_ = has_relative_ = false;
}

bool MeasureListReader::take(const JsonEvent& event) {
  switch (place_) {
    case Place::before: return take_first(event);
    case Place::list:
      if (event.kind == JsonEvent::Kind::end_array) return true;
      take_in_list(event);
      return false;
    case Place::measure: take_in_measure(event); return false;
    case Place::skipping:
      skip_depth_ += event.begins() ? 1 : event.ends() ? -1 : 0;
      if (skip_depth_ > 0) {
        // The one object that may stand for a list is the empty one.
        if (after_skip_ == Place::before) note(Fault::format);
        return false;
      }
      place_ = after_skip_;
      return after_skip_ == Place::before;
  }
  return true;
}

const char* MeasureListReader::take_plain(const char* text) {
  if (place_ != Place::list) return text;
  const std::size_t before = out_->size();
  const char* behind = read_plain_measures(text, now_, *out_);
  if (out_->size() > before) has_absolute_ = true;
  return behind;
}

bool MeasureListReader::take_first(const JsonEvent& event) {
  if (event.kind == JsonEvent::Kind::begin_array) {
    place_ = Place::list;
    return false;
  }
  if (event.kind == JsonEvent::Kind::begin_object) {
    skip(Place::before);
    return false;
  }
  note(Fault::format);
  return true;
}

void MeasureListReader::take_in_list(const JsonEvent& event) {
  if (event.kind == JsonEvent::Kind::begin_object) {
    place_ = Place::measure;
    key_ = Key::other;
    has_timestamp_ = false;
    timestamp_ = {};
    value_.reset();
    return;
  }
  note(Fault::format);
  if (event.begins()) skip(Place::list);
}

void MeasureListReader::take_in_measure(const JsonEvent& event) {
  if (event.kind == JsonEvent::Kind::key) {
    key_ = event.text == "timestamp" ? Key::timestamp
           : event.text == "value"   ? Key::value
                                     : Key::other;
    return;
  }
  if (event.kind == JsonEvent::Kind::end_object) {
    end_measure();
    return;
  }
  if (key_ == Key::timestamp) take_timestamp(event);
  if (key_ == Key::value) take_value(event);
  if (event.begins()) skip(Place::measure);
}

void MeasureListReader::take_timestamp(const JsonEvent& event) {
  has_timestamp_ = true;
  timestamp_text_ = event.text;
  if (event.kind == JsonEvent::Kind::text) {
    timestamp_ = index::parse_timestamp(event.text, now_);
  } else if (event.kind == JsonEvent::Kind::number) {
    timestamp_ = index::timestamp_from_seconds(number_of(event.text).value_or(0));
  } else if (event.kind == JsonEvent::Kind::boolean) {
    timestamp_ = index::timestamp_from_seconds(event.truth ? 1 : 0);
  } else {
    has_timestamp_ = false;
  }
}

void MeasureListReader::take_value(const JsonEvent& event) {
  if (event.kind == JsonEvent::Kind::number) {
    value_ = number_of(event.text);
  } else if (event.kind == JsonEvent::Kind::text) {
    value_ = index::parse_float(event.text);
  } else if (event.kind == JsonEvent::Kind::boolean) {
    value_ = event.truth ? 1.0 : 0.0;
  } else {
    value_.reset();
  }
}

void MeasureListReader::end_measure() {
  place_ = Place::list;
  if (!has_timestamp_) note(Fault::format);
  if (!value_) note(Fault::value);
  if (timestamp_.fault != index::TimestampFault::none) note_timestamp(timestamp_.fault);
  (timestamp_.form == index::TimestampForm::relative ? has_relative_ : has_absolute_) = true;
  if (has_relative_ && has_absolute_) note_timestamp(index::TimestampFault::unreadable);
  if (fault_ == Fault::none) out_->push_back({Timestamp{Timespan{timestamp_.ns}}, *value_});
}

void MeasureListReader::skip(Place afterwards) noexcept {
  place_ = Place::skipping;
  after_skip_ = afterwards;
  skip_depth_ = 1;
}

void MeasureListReader::note(Fault fault) noexcept {
  if (fault > fault_) fault_ = fault;
}

void MeasureListReader::note_timestamp(index::TimestampFault fault) {
  note(Fault::timestamp);
  if (timestamp_fault_ == index::TimestampFault::unreadable) return;
  if (timestamp_fault_ == index::TimestampFault::none ||
      fault == index::TimestampFault::unreadable) {
    bad_timestamp_ = timestamp_text_.substr(0, kShownTimestamp);
  }
  timestamp_fault_ = fault;
}

std::string MeasureListReader::fault() const {
  switch (fault_) {
    case Fault::none: return {};
    case Fault::value: return "unexpected measures value";
    case Fault::timestamp:
      return std::string{"unexpected timestamp '"} + index::sentence(timestamp_fault_) + ": " +
             bad_timestamp_ + "'";
    case Fault::format: return "unexpected measures format";
  }
  return {};
}

}  // namespace gnocchi::api
