#include "core/index/timestamp_writer.h"

#include <chrono>

namespace gnocchi::index {

void TimestampWriter::enter_hour(std::int64_t ns) noexcept {
  using namespace std::chrono;
  const auto second = floor<seconds>(sys_time<nanoseconds>{nanoseconds{ns}});
  const auto hour = floor<hours>(second);
  const auto day = floor<days>(hour);
  if (day.time_since_epoch().count() != day_) {
    const year_month_day date{day};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    put_two(text_.data(), year / 100);
    put_two(text_.data() + 2, year % 100);
    put_two(text_.data() + 5, static_cast<unsigned>(date.month()));
    put_two(text_.data() + 8, static_cast<unsigned>(date.day()));
    day_ = day.time_since_epoch().count();
  }
  put_two(text_.data() + 11, static_cast<unsigned>((hour - day).count()));
  hour_ = static_cast<std::uint64_t>(sys_seconds{hour}.time_since_epoch().count()) * kSecond;
}

}  // namespace gnocchi::index
