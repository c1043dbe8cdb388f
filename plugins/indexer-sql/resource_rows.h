#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/filter.h"
#include "gnocchi/resource.h"
#include "indexer-sql/dialect.h"
#include "indexer-sql/fields.h"
#include "indexer-sql/paginate.h"

namespace gnocchi::sql {

/// The resources of a type as something to select from: current rows, or with their history, where
/// current rows and revisions are one table.
class ResourceRows {
 public:
  /// Both must outlive it.
  ResourceRows(const Dialect& dialect, const ResourceType& type, bool history)
      : d_(dialect), type_(type), history_(history) {}

  /// The aliases of the tables that hold the columns all types share, and the type's own.
  std::string shared_alias() const { return history_ ? "h" : "r"; }
  std::string own_alias() const { return history_ ? "h" : "a"; }

  /// What follows FROM, and a condition to go with it; parts of the filter are in either.
  std::string tables(const std::optional<Filter>& filter) const;
  std::string condition(const std::optional<Filter>& filter) const;

  /// A name, for selecting and ordering.
  Field resolve(std::string_view name) const;
  /// With id, and revision in a history, at the end.
  std::vector<SortKey> sort_keys(const std::vector<Sort>& sorts) const;

 private:
  std::string filtered(const std::optional<Filter>& filter, bool past) const;
  std::string branch(const std::optional<Filter>& filter, bool past) const;

  const Dialect& d_;
  const ResourceType& type_;
  bool history_;
};

}  // namespace gnocchi::sql
