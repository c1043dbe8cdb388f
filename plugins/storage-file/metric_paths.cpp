#include "metric_paths.h"

#include <algorithm>

#include "gnocchi/error.h"

namespace gnocchi::file {
namespace {

constexpr std::string_view kVersionSuffix = "_v3";
constexpr std::string_view kMethodPrefix = "agg_";

std::string split_name(const SplitKey& split) {
  return python_seconds(split.start.time_since_epoch()) + split_name_ending(split.granularity);
}

}  // namespace

std::string metric_directory(const MetricId& metric, int subdir_length) {
  const std::string id = metric.to_string();
  std::string path;
  if (subdir_length > 0) {
    path.reserve(128);
    int in_piece = 0;
    for (const char c : id) {
      if (c == '-') continue;
      if (in_piece == subdir_length) {
        path += '/';
        in_piece = 0;
      }
      path += c;
      ++in_piece;
    }
    path += '/';
  }
  return path += id;
}

std::string method_directory(std::string_view method) {
  if (method.empty() || method.find('/') != std::string_view::npos ||
      method.find('\0') != std::string_view::npos) {
    throw Error(Error::Code::internal,
                "aggregation method \"" + std::string(method) + "\" cannot be a file name");
  }
  return std::string(kMethodPrefix).append(method);
}

std::optional<std::string_view> method_of(std::string_view directory) {
  if (!directory.starts_with(kMethodPrefix)) return std::nullopt;
  return directory.substr(kMethodPrefix.size());
}

std::string object_path(const std::optional<SplitKey>& split) {
  if (!split) return kRawName;
  return method_directory(split->method) + '/' + split_name(*split);
}

std::string split_name_ending(Timespan granularity) {
  std::string ending = "_" + python_seconds(granularity);
  ending += kVersionSuffix;
  return ending;
}

std::optional<SplitKey> parse_split_name(std::string_view method, std::string_view name) {
  if (!name.ends_with(kVersionSuffix)) return std::nullopt;
  const std::string_view numbers = name.substr(0, name.size() - kVersionSuffix.size());
  const std::size_t middle = numbers.find('_');
  if (middle == std::string_view::npos) return std::nullopt;
  auto split = parse_split_key(numbers.substr(0, middle), numbers.substr(middle + 1), method);
  // Another spelling of the same numbers would be listed but not found when asked for.
  if (!split || split_name(*split) != name) return std::nullopt;
  return split;
}

}  // namespace gnocchi::file
