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
// ["2014-01-01T12:00:00+00:00", 300.0, 12.0], and now and then one with a longer value.
constexpr std::size_t kUsualRow = 56;
constexpr std::size_t kFixedHead = 64;
// Stays in the nearest cache.
constexpr std::size_t kRowsBytes = 8192;

}  // namespace

std::string json_sampling(const query::Sampling& sampling) {
  if (const auto* span = std::get_if<Timespan>(&sampling)) return python_seconds(*span);
  return '"' + std::string(to_string(std::get<timeseries::CalendarGroup>(sampling))) + '"';
}

void MeasureRows::add(std::span<const std::int64_t> times, std::span<const double> values,
                      std::string_view granularity) {
  // What all rows have in common, to be written over.
  std::string row = ", [\"" + std::string(index::kTimestampText, '0') + "\", ";
  row.append(granularity).append(", ");
  const std::size_t head = row.size();
  // Longer than most: so many bytes at once are copied in a few steps.
  row.resize(std::max(head, kFixedHead), ' ');
  const std::size_t longest = row.size() + kLongestValue + 1;
  out_.reserve(out_.size() + times.size() * kUsualRow);
  std::string rows(std::max(kRowsBytes, longest), '\0');
  char* const begin = rows.data();
  char* const last = begin + rows.size() - longest;
  char* at = begin;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (at > last) {
      out_.append(begin, at);
      at = begin;
    }
    std::memcpy(at, row.data(), kFixedHead);
    if (head > kFixedHead) std::copy_n(row.data(), head, at);
    times_.put(at + 4, times[i]);
    if (first_) std::memmove(at, at + 2, head - 2);
    at = put_double(at + head - (first_ ? 2 : 0), values[i]);
    *at++ = ']';
    first_ = false;
  }
  out_.append(begin, at);
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
