#pragma once

#include <map>
#include <string>
#include <vector>

#include "gnocchi/resource.h"
#include "indexer-sql/db.h"
#include "indexer-sql/fields.h"

namespace gnocchi::sql {

/// Selects and reads the shared part of resources.
class ResourceReader {
 public:
  /// `table`: alias of resource or resource_history. `history`: whether revision numbers are read.
  ResourceReader(Columns& columns, const Dialect& dialect, const std::string& table, bool history,
                 bool past);
  ResourceBase read(const Row& row) const;
  /// Whether there is a row at all, in an outer join.
  bool present(const Row& row) const { return !row.null(first_); }

 private:
  std::size_t first_ = 0;
  bool history_;
};

/// Selects and reads the attributes of a type from its table.
class AttributeReader {
 public:
  AttributeReader(Columns& columns, const Dialect& dialect, const std::string& table,
                  const std::map<std::string, AttributeSpec>& attributes);
  std::map<std::string, Value> read(const Row& row) const;

 private:
  struct Column {
    std::string name;
    std::size_t index;
    FieldType type;
  };
  std::vector<Column> columns_;
};

/// Selects and reads metrics (alias m).
class MetricColumns {
 public:
  explicit MetricColumns(Columns& columns);
  Metric read(const Row& row) const;

 private:
  std::size_t first_ = 0;
};

/// Selects and reads metrics (alias m) and, where asked for, their resources (alias r).
class MetricReader {
 public:
  MetricReader(const Dialect& dialect, bool with_resource);
  /// "SELECT ... FROM metric m", with the join if resources are read or `join` says so.
  std::string select(bool join = false) const;
  const std::vector<ColumnKind>& kinds() const { return columns_.kinds(); }
  Metric read(const Row& row) const;

 private:
  Columns columns_;
  MetricColumns metric_{columns_};
  std::optional<ResourceReader> resource_;
};

/// Active metrics of these resources, those of one resource sorted by name.
std::vector<Metric> metrics_of(Connection& connection, const std::vector<ResourceId>& resources);
void sort_by_name(std::vector<Metric>& metrics);

}  // namespace gnocchi::sql
