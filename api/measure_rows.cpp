#include "api/measure_rows.h"

#include "api/json.h"

namespace gnocchi::api {
namespace {

// put_double() writes no more.
constexpr std::size_t kLongestValue = 32;
// ["2014-01-01T12:00:00+00:00", 300.0, 12.0], and now and then one with a longer value.
constexpr std::size_t kUsualRow = 56;

}  // namespace

void MeasureRows::add(std::span<const std::int64_t> times, std::span<const double> values,
                      std::string_view granularity) {
  const std::string middle = "\", " + std::string(granularity) + ", ";
  out_.reserve(out_.size() + times.size() * kUsualRow);
  char head[4 + index::kTimestampText] = {',', ' ', '[', '"'};
  char value[kLongestValue + 1];
  for (std::size_t i = 0; i < times.size(); ++i) {
    times_.put(head + 4, times[i]);
    const std::size_t skipped = first_ ? 2 : 0;
    first_ = false;
    out_.append(head + skipped, sizeof head - skipped);
    out_ += middle;
    char* end = put_double(value, values[i]);
    *end++ = ']';
    out_.append(value, static_cast<std::size_t>(end - value));
  }
}

}  // namespace gnocchi::api
