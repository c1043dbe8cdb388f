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

}  // namespace gnocchi::api
