#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "gnocchi/export.h"
#include "gnocchi/types.h"

/// Names of stored objects, as Gnocchi 4 writes them (format v3). See docs/formats/series.md.
namespace gnocchi {

/// One split of one aggregate of a metric: 3,600 points of one granularity and method.
struct SplitKey {
  Timestamp start;  ///< Epoch-aligned to 3,600 x granularity
  Timespan granularity{};
  std::string method;  ///< "mean", "95pct", "rate:mean"
  /// By method, then granularity, then start.
  GNOCCHI_API std::strong_ordering operator<=>(const SplitKey& other) const;
  bool operator==(const SplitKey&) const = default;
};

/// A metric's raw series (no split) or one of its splits.
struct ObjectRef {
  MetricId metric;
  std::optional<SplitKey> split;
  bool operator==(const ObjectRef&) const = default;
};

/// Float seconds as Python prints a float: "1420128000.0", "0.5", "300.0", "1e-05".
GNOCCHI_API std::string python_seconds(Timespan span);
/// The other direction; nullopt if the text is no such number or out of range.
GNOCCHI_API std::optional<Timespan> parse_python_seconds(std::string_view text);

/// The split that the two numbers of its name and its method say. A name holds the start only to
/// within some hundred ns where the granularity is no multiple of them; the start returned is the
/// border of splits that is meant, so that the same name comes out of it again. nullopt: no split.
GNOCCHI_API std::optional<SplitKey> parse_split_key(std::string_view start,
                                                    std::string_view granularity,
                                                    std::string_view method);

/// "gnocchi_<uuid>_none_v3" or "gnocchi_<uuid>_<start>_<method>_<granularity>_v3".
GNOCCHI_API std::string object_name(const ObjectRef& ref);
/// nullopt: not an object of format v3.
GNOCCHI_API std::optional<ObjectRef> parse_object_name(std::string_view name);

/// "incoming<count>-<number>".
GNOCCHI_API std::string sack_name(SackNumber sack, std::uint32_t sack_count);

}  // namespace gnocchi
