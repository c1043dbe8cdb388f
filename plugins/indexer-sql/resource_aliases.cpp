#include "indexer-sql/resource_aliases.h"

#include <set>

#include "indexer-sql/resources.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

std::vector<ResolvedId> resolve_ids(Connection& connection, std::span<const ResourceId> ids) {
  const Dialect& d = connection.dialect();
  std::vector<ResolvedId> resolved;
  std::set<ResourceId> own;
  in_pieces(ids, kIdsPerRead, [&](std::span<const ResourceId> piece) {
    const std::string in = " WHERE id" + in_ids(d, piece);
    const ColumnKind kinds[] = {ColumnKind::text, ColumnKind::text, ColumnKind::integer};
    connection.query("SELECT id, id, 0 FROM resource" + in +
                         " UNION ALL SELECT id, resource_id, 1 FROM resource_alias" + in,
                     kinds, [&](const Row& row) {
                       const ResolvedId found{ResourceId(row.uuid(0)), ResourceId(row.uuid(1))};
                       if (row.integer(2) == 0) own.insert(found.asked);
                       resolved.push_back(found);
                     });
  });
  std::erase_if(resolved, [&](const ResolvedId& found) {
    return found.asked != found.stored && own.contains(found.asked);
  });
  return resolved;
}

}  // namespace

std::optional<std::optional<std::string>> creator_of(Connection& connection, const ResourceId& id) {
  std::optional<std::optional<std::string>> creator;
  const ColumnKind kinds[] = {ColumnKind::text};
  connection.query("SELECT creator FROM resource WHERE id = " + connection.dialect().uuid(id),
                   kinds, [&](const Row& row) { creator = row.text_or_null(0); });
  return creator;
}

void add_alias(Connection& connection, const ResourceId& alias, const ResourceId& id) {
  const Dialect& d = connection.dialect();
  connection.execute("INSERT INTO resource_alias (id, resource_id) VALUES (" + d.uuid(alias) +
                     ", " + d.uuid(id) + ")" + d.skip_duplicates("id"));
}

std::vector<ResolvedId> SqlResources::resolve(std::span<const ResourceId> ids) {
  std::vector<ResolvedId> resolved;
  if (ids.empty()) return resolved;
  db_.run("resolve resource ids",
          [&](Connection& connection, const Attempt&) { resolved = resolve_ids(connection, ids); });
  return resolved;
}

/// Whoever made the resource may not have known of aliases (Python's daemons, older versions).
void SqlResources::alias_existing(const NewResource& wanted) {
  if (!wanted.alias) return;
  db_.write("alias resource", [&](Connection& connection, const Attempt&) {
    const auto creator = creator_of(connection, wanted.id);
    if (!creator || *creator != wanted.creator || creator_of(connection, *wanted.alias)) return;
    try {
      add_alias(connection, *wanted.alias, wanted.id);
    } catch (const SqlError& error) {
      // The resource has gone in the meantime.
      if (error.kind() != Failure::Kind::no_parent) throw;
    }
  });
}

}  // namespace gnocchi::sql
