#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/error.h"
#include "gnocchi/types.h"
#include "indexer-sql/dialect.h"

namespace gnocchi::sql {

/// "a, b, c" of make(item).
template <class Range, class F>
std::string joined(const Range& range, F make, std::string_view separator = ", ") {
  std::string out;
  bool first = true;
  for (const auto& item : range) {
    if (!first) out += separator;
    first = false;
    out += make(item);
  }
  return out;
}

/// "x'0a1b'".
std::string blob_literal(std::string_view bytes);

/// The literal of a text, or NULL.
inline std::string text_or_null(const Dialect& dialect, const std::optional<std::string>& value) {
  return value ? dialect.text(*value) : "NULL";
}
inline std::string time_or_null(const Dialect& dialect, const std::optional<Timestamp>& value) {
  return value ? dialect.timestamp(*value) : "NULL";
}
template <class Id>
std::string uuid_or_null(const Dialect& dialect, const std::optional<Id>& value) {
  return value ? dialect.uuid(*value) : "NULL";
}

/// " IN (...)" of a range of ids.
template <class Ids>
std::string in_ids(const Dialect& dialect, const Ids& ids) {
  std::string raw;
  raw.reserve(ids.size() * sizeof(Uuid::bytes));
  for (const Uuid& id : ids) {
    raw.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
  }
  return dialect.in_uuids(raw);
}

// Ids in one statement.
inline constexpr std::size_t kIdsPerRead = 5000;
inline constexpr std::size_t kIdsPerWrite = 1000;

/// Calls f with pieces of at most `size` items, so that statements stay within packet limits.
template <class T, class F>
void in_pieces(std::span<const T> items, std::size_t size, F f) {
  for (std::size_t at = 0; at < items.size(); at += size) {
    f(items.subspan(at, std::min(size, items.size() - at)));
  }
}

// Gnocchi's own sentences.
Refused no_such_archive_policy(std::string_view name);
Refused no_such_rule(std::string_view name);
Refused no_such_resource_type(std::string_view name);
Refused no_such_resource(const Uuid& id);
Refused no_such_metric(const Uuid& id);
Refused named_metric_exists(std::string_view name);
Refused bad_pagination(const std::string& reason);
Refused no_such_attribute(std::string_view type, std::string_view name);

}  // namespace gnocchi::sql
