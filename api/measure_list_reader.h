#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/index/timestamps.h"
#include "gnocchi/types.h"

namespace gnocchi::api {

/// One step of a JSON text. `text` is the key, the string, or a number's digits.
struct JsonEvent {
  enum class Kind {
    null,
    boolean,
    number,
    text,
    key,
    begin_object,
    end_object,
    begin_array,
    end_array,
  };
  Kind kind = Kind::null;
  std::string_view text = {};
  bool truth = false;

  bool begins() const noexcept { return kind == Kind::begin_object || kind == Kind::begin_array; }
  bool ends() const noexcept { return kind == Kind::end_object || kind == Kind::end_array; }
};

/// Takes in the events of one list of measures, whatever stands in its place included. It never
/// stops at a fault, so that a text that is no JSON further on is refused as such.
class MeasureListReader {
 public:
  explicit MeasureListReader(Timestamp now) noexcept : now_(now) {}

  /// Starts over; measures are appended to `out`.
  void begin(std::vector<Measure>& out) noexcept;
  /// True once the value is complete.
  bool take(const JsonEvent& event);
  /// Right after the list's beginning was taken in: takes its plain measures off the text behind
  /// it, and returns where the events are to go on. See plain_measures.h.
  const char* take_plain(const char* text);
  bool failed() const noexcept { return fault_ != Fault::none; }
  /// Why the list is refused, in Gnocchi's words; empty: it is not.
  std::string fault() const;

 private:
  // Of several faults the last of this order is reported, as upstream checks in three rounds.
  enum class Fault { none, value, timestamp, format };
  enum class Place { before, list, measure, skipping };
  enum class Key { other, timestamp, value };

  bool take_first(const JsonEvent& event);
  void take_in_list(const JsonEvent& event);
  void take_in_measure(const JsonEvent& event);
  void take_timestamp(const JsonEvent& event);
  void take_value(const JsonEvent& event);
  void end_measure();
  void skip(Place afterwards) noexcept;
  void note(Fault fault) noexcept;
  void note_timestamp(index::TimestampFault fault);

  Timestamp now_;
  std::vector<Measure>* out_ = nullptr;
  Place place_ = Place::before;
  Place after_skip_ = Place::before;
  int skip_depth_ = 0;
  Key key_ = Key::other;
  Fault fault_ = Fault::none;
  index::TimestampFault timestamp_fault_ = index::TimestampFault::none;
  std::string bad_timestamp_;  ///< the first one that is refused, its beginning
  bool has_absolute_ = false, has_relative_ = false;
  // Of the measure being read.
  bool has_timestamp_ = false;
  std::string_view timestamp_text_;  ///< as it stands in the body
  index::ParsedTimestamp timestamp_;
  std::optional<double> value_;
};

}  // namespace gnocchi::api
