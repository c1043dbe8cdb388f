#include "indexer-sql/resource_rows.h"

#include "indexer-sql/filter_sql.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/resources.h"

namespace gnocchi::sql {
namespace {

const char* const kShared[] = {"id",         "type",       "creator",
                               "user_id",    "project_id", "original_resource_id",
                               "started_at", "ended_at",   "revision_start"};

}  // namespace

// In a history all columns have the alias h and the names of the shared ones; attributes are found
// by their own names.
Field ResourceRows::resolve(std::string_view name) const {
  Field field = resolve_resource_field(d_, type_, history_, name);
  if (history_ && field.sql.starts_with("b.")) field.sql[0] = 'h';
  return field;
}

std::vector<SortKey> ResourceRows::sort_keys(const std::vector<Sort>& sorts) const {
  const auto resolver = [this](std::string_view name) { return resolve(name); };
  return history_ ? sql::sort_keys(sorts, {"id", "revision"}, resolver)
                  : sql::sort_keys(sorts, {"id"}, resolver);
}

std::string ResourceRows::tables(const std::optional<Filter>& filter) const {
  if (!history_) return resource_tables(d_, type_, false);
  return "(" + branch(filter, false) + " UNION ALL " + branch(filter, true) + ") h";
}

std::string ResourceRows::condition(const std::optional<Filter>& filter) const {
  if (history_) return "1 = 1";
  // The join says so too, but no index: the rows of a type in order.
  const std::string of_type =
      type_.name == kGeneric ? std::string() : d_.common("r.type = " + d_.text(type_.name));
  return filtered(filter, false) + (of_type.empty() ? "" : " AND " + of_type);
}

std::string ResourceRows::filtered(const std::optional<Filter>& filter, bool past) const {
  if (!filter) return "1 = 1";
  return "(" +
         filter_sql(
             d_, *filter,
             [&](std::string_view name) { return resolve_resource_field(d_, type_, past, name); }) +
         ")";
}

std::string ResourceRows::branch(const std::optional<Filter>& filter, bool past) const {
  const std::string shared = past ? "h." : "r.", own = past ? "b." : "a.";
  std::string select = "SELECT ";
  for (const char* column : kShared) select += shared + column + " AS " + column + ", ";
  select += past ? "h.revision_end AS revision_end, h.revision AS revision"
                 : "NULL AS revision_end, -1 AS revision";
  for (const auto& [name, spec] : type_.attributes) {
    select += ", " + own + d_.identifier(name) + " AS " + d_.identifier(name);
  }
  return select + " FROM " + resource_tables(d_, type_, past) + " WHERE " + filtered(filter, past);
}

}  // namespace gnocchi::sql
