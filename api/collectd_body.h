#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gnocchi::api {

struct CollectdValue {
  std::string host;
  std::string metric;
  double value = 0;
};

/// The values of a message of collectd's JSON format: a list of value lists. A metric is called
/// "<plugin>[-<instance>]@<type>[-<instance>]", and "-<data source>" where a type has several.
/// Values that collectd does not know (null) are left out. Throws HttpError 400 saying what does
/// not fit. Pure; any thread.
std::vector<CollectdValue> parse_collectd(std::string_view body);

}  // namespace gnocchi::api
