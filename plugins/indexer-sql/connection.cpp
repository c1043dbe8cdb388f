#include <algorithm>
#include <limits>

#include "gnocchi/error.h"
#include "indexer-sql/db.h"

namespace gnocchi::sql {

Connection::~Connection() = default;

bool Connection::exists(const std::string& statement) {
  bool found = false;
  const ColumnKind kinds[] = {ColumnKind::text};
  query(statement, kinds, [&](const Row&) { found = true; });
  return found;
}

std::optional<std::string> Row::text_or_null(std::size_t i) const {
  if (null(i)) return std::nullopt;
  return std::string(text(i));
}

Uuid Row::uuid(std::size_t i) const {
  const auto id = Uuid::from_raw(text(i));
  if (!id) {
    throw Error(Error::Code::corrupt_data,
                "index: a uuid column holds " + std::to_string(text(i).size()) + " bytes");
  }
  return *id;
}

Timestamp Row::timestamp(std::size_t i) const {
  constexpr std::int64_t kMaxUs = std::numeric_limits<std::int64_t>::max() / 1000;
  const std::int64_t us = std::clamp<std::int64_t>(integer(i), -kMaxUs, kMaxUs);
  return Timestamp(std::chrono::microseconds(us));
}

std::optional<Timestamp> Row::timestamp_or_null(std::size_t i) const {
  if (null(i)) return std::nullopt;
  return timestamp(i);
}

std::size_t Columns::add(std::string_view expression, ColumnKind kind) {
  if (!sql_.empty()) sql_ += ", ";
  sql_ += expression;
  kinds_.push_back(kind);
  return kinds_.size() - 1;
}

}  // namespace gnocchi::sql
