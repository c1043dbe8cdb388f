#pragma once

#include <rapidjson/fwd.h>

#include <string>
#include <string_view>

#include "gnocchi/types.h"

/// Text as Python prints it, where clients see Python's forms.
namespace gnocchi::api {

/// repr() of a str: quotes, escapes; printable characters beyond ASCII stay.
std::string python_repr(std::string_view text);
/// repr() of what json.loads makes of a document: {'cause': 'Invalid input', ...}.
std::string python_repr(const rapidjson::Value& value);
/// repr() of a float: "1.0", "0.1", "1e-05", "1e+16", "nan", "inf".
std::string python_repr(double value);
/// str() of a datetime.timedelta: "30 days, 0:00:00", "0:05:00", "0:00:00.500000"; microseconds,
/// rounded half to even.
std::string python_timedelta(Timespan span);

}  // namespace gnocchi::api
