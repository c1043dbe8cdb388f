#include "api/measure_rows.h"

#include <utility>
#include <variant>

#include "api/json.h"
#include "core/timeseries/calendar.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {
namespace {

// put_double() writes no more.
constexpr std::size_t kLongestValue = 32;
// ["2014-01-01T12:00:00+00:00", 300.0, 12.0], and now and then one with a longer value.
constexpr std::size_t kUsualRow = 56;

}  // namespace

std::string json_sampling(const query::Sampling& sampling) {
  if (const auto* span = std::get_if<Timespan>(&sampling)) return python_seconds(*span);
  return '"' + std::string(to_string(std::get<timeseries::CalendarGroup>(sampling))) + '"';
}

void MeasureRows::add(std::span<const std::int64_t> times, std::span<const double> values,
                      std::string_view granularity) {
  const std::string middle = "\", " + std::string(granularity) + ", ";
  out_.reserve(out_.size() + times.size() * kUsualRow);
  std::string row = ", [\"" + std::string(index::kTimestampText, '0') + middle;
  const std::size_t head = row.size();
  row.resize(head + kLongestValue + 1);
  for (std::size_t i = 0; i < times.size(); ++i) {
    times_.put(row.data() + 4, times[i]);
    const std::size_t skipped = first_ ? 2 : 0;
    first_ = false;
    char* end = put_double(row.data() + head, values[i]);
    *end++ = ']';
    out_.append(row.data() + skipped, end);
  }
}

void MeasureRows::add_truths(std::span<const std::int64_t> times, std::span<const double> values,
                             std::string_view granularity) {
  std::string time(index::kTimestampText, '0');
  for (std::size_t i = 0; i < times.size(); ++i) {
    times_.put(time.data(), times[i]);
    if (!std::exchange(first_, false)) out_ += ", ";
    out_ += "[\"" + time + "\", ";
    out_ += granularity;
    out_ += values[i] != 0 ? ", true]" : ", false]";
  }
}

}  // namespace gnocchi::api
