#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gnocchi/naming.h"
#include "gnocchi/types.h"

/// Where Python Gnocchi's file driver keeps what; paths are relative to file_basepath.
/// See docs/formats/series.md.
namespace gnocchi::file {

inline constexpr char kRawName[] = "none_v3";

/// "5f/1c/.../5f1c....": the id's 32 hex digits in pieces of `subdir_length` (0: none), then the
/// id.
std::string metric_directory(const MetricId& metric, int subdir_length);
/// "agg_mean", inside the metric's directory. Throws Error{internal} for what cannot be a name.
std::string method_directory(std::string_view method);
/// The other direction; nullopt: not a method's.
std::optional<std::string_view> method_of(std::string_view directory);
/// "none_v3" or "agg_mean/1420128000.0_60.0_v3", inside the metric's directory.
std::string object_path(const std::optional<SplitKey>& split);
/// "_60.0_v3": what the names of all splits of a granularity end with, and of no other.
std::string split_name_ending(Timespan granularity);
/// The split that a file in agg_<method> holds; nullopt: not one of ours.
std::optional<SplitKey> parse_split_name(std::string_view method, std::string_view name);

}  // namespace gnocchi::file
