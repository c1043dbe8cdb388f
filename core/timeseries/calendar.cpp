#include "core/timeseries/calendar.h"

#include <chrono>

namespace gnocchi::timeseries {
namespace {

namespace chr = std::chrono;

/// The group's first day and the first day after it.
struct Days {
  chr::sys_days begin;
  chr::sys_days end;
};

Days months_around(chr::year_month_day day, unsigned length) noexcept {
  const unsigned month = static_cast<unsigned>(day.month()) - 1;
  const chr::year_month first{day.year(), chr::month{month - month % length + 1}};
  return {first / chr::day{1}, (first + chr::months{length}) / chr::day{1}};
}

Days days_around(chr::sys_days day, CalendarGroup group) noexcept {
  switch (group) {
    case CalendarGroup::year: return months_around(day, 12);
    case CalendarGroup::half: return months_around(day, 6);
    case CalendarGroup::quarter: return months_around(day, 3);
    case CalendarGroup::month: return months_around(day, 1);
    case CalendarGroup::week: break;
  }
  const chr::sys_days sunday = day - (chr::weekday{day} - chr::Sunday);
  return {sunday, sunday + chr::days{7}};
}

}  // namespace

std::string_view to_string(CalendarGroup group) noexcept {
  switch (group) {
    case CalendarGroup::year: return "Y";
    case CalendarGroup::half: return "H";
    case CalendarGroup::quarter: return "Q";
    case CalendarGroup::month: return "M";
    case CalendarGroup::week: break;
  }
  return "W";
}

std::optional<CalendarGroup> parse_calendar_group(std::string_view name) noexcept {
  using enum CalendarGroup;
  for (const CalendarGroup group : {year, half, quarter, month, week}) {
    if (name == to_string(group)) return group;
  }
  return std::nullopt;
}

Groups group_by_calendar(std::span<const std::int64_t> times, CalendarGroup group) {
  Groups groups;
  for (std::size_t i = 0; i < times.size();) {
    const auto day =
        chr::floor<chr::days>(chr::sys_time<chr::nanoseconds>{chr::nanoseconds{times[i]}});
    const Days days = days_around(day, group);
    // Counted in days, for a group may end after the last nanosecond that 64 bits hold.
    while (i < times.size() && chr::floor<chr::days>(chr::sys_time<chr::nanoseconds>{
                                   chr::nanoseconds{times[i]}}) < days.end) {
      ++i;
    }
    groups.times.push_back(chr::nanoseconds{days.begin.time_since_epoch()}.count());
    groups.ends.push_back(i);
  }
  return groups;
}

}  // namespace gnocchi::timeseries
