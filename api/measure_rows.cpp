#include "api/measure_rows.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <variant>

#include "api/json.h"
#include "core/timeseries/calendar.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {
namespace {

// put_double() writes no more.
constexpr std::size_t kLongestValue = 32;
// ,["2014-01-01T12:00:00+00:00",300.0,12.125], and now and then one with a longer value.
constexpr std::size_t kUsualRow = 48;
constexpr std::size_t kTime = 3;  // where it begins
// Longer than what most rows begin with: so many bytes at once are copied in a few steps.
constexpr std::size_t kFixedHead = 48;
// Stays in the nearest cache.
constexpr std::size_t kRowsBytes = 8192;

}  // namespace

std::string json_sampling(const query::Sampling& sampling) {
  if (const auto* span = std::get_if<Timespan>(&sampling)) return python_seconds(*span);
  return '"' + std::string(to_string(std::get<timeseries::CalendarGroup>(sampling))) + '"';
}

void MeasureRows::add(std::span<const std::int64_t> times, std::span<const double> values,
                      std::string_view granularity) {
  if (times.empty()) return;
  // What all rows have in common, to be written over.
  std::string row = ",[\"" + std::string(index::kTimestampText, '0') + "\",";
  row.append(granularity).append(",");
  const std::size_t head = row.size();
  row.resize(std::max(head, kFixedHead), ' ');
  times_.put(row.data() + kTime, times.front());
  const std::size_t longest = row.size() + kLongestValue + 1;
  out_.reserve(out_.size() + times.size() * kUsualRow);
  std::string rows(std::max(kRowsBytes, longest), '\0');
  const char* const last = rows.data() + rows.size() - longest;
  char* begin = rows.data() + (std::exchange(first_, false) ? 1 : 0);  // without the comma
  char* at = rows.data();
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (at > last) {
      out_.append(begin, at);
      begin = at = rows.data();
    }
    if (!times_.in_same_hour(times[i])) times_.put(row.data() + kTime, times[i]);
    std::memcpy(at, row.data(), kFixedHead);
    if (head > kFixedHead) std::copy_n(row.data(), head, at);
    times_.put_in_hour(at + kTime, times[i]);
    at = put_double(at + head, values[i]);
    *at++ = ']';
  }
  out_.append(begin, at);
}

void MeasureRows::add_truths(std::span<const std::int64_t> times, std::span<const double> values,
                             std::string_view granularity) {
  std::string time(index::kTimestampText, '0');
  for (std::size_t i = 0; i < times.size(); ++i) {
    times_.put(time.data(), times[i]);
    if (!std::exchange(first_, false)) out_ += ',';
    out_ += "[\"" + time + "\",";
    out_ += granularity;
    out_ += values[i] != 0 ? ",true]" : ",false]";
  }
}

}  // namespace gnocchi::api
