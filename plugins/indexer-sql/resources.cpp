#include "indexer-sql/resources.h"

#include <algorithm>

#include "indexer-sql/filter_sql.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/rows.h"
#include "indexer-sql/text.h"
#include "indexer-sql/type_tables.h"

namespace gnocchi::sql {
namespace {

using Reason = Refused::Reason;
using Subject = Refused::Subject;

void check_order(const ResourceBase& resource, const char* sentence) {
  if (resource.ended_at && resource.started_at > *resource.ended_at) {
    throw Refused(Reason::invalid_value, Subject::attribute, sentence, "ended_at");
  }
}

/// Copies the row as it is into the history, ended now.
void keep_revision(Connection& connection, const ResourceType& type, const ResourceId& id,
                   Timestamp now) {
  const Dialect& d = connection.dialect();
  static constexpr char kShared[] =
      "creator, started_at, revision_start, ended_at, user_id, project_id, original_resource_id,"
      " id, type";
  connection.execute(std::string("INSERT INTO resource_history (") + kShared +
                     ", revision_end) SELECT " + kShared + ", " + d.timestamp(now) +
                     " FROM resource WHERE id = " + d.uuid(id));
  if (type.name == kGeneric) return;
  std::string names;
  for (const auto& [name, spec] : type.attributes) names += d.identifier(name) + ", ";
  connection.execute("INSERT INTO " + d.identifier(history_table(type.tablename)) + " (" + names +
                     "revision) SELECT " + names + d.last_insert_id() + " FROM " +
                     d.identifier(type.tablename) + " WHERE id = " + d.uuid(id));
}

/// Puts the change into `resource` and into its rows.
void apply(Connection& connection, const ResourceType& type, Resource& resource,
           const ResourceChange& change, Timestamp now) {
  const Dialect& d = connection.dialect();
  std::vector<std::string> sets;
  if (change.create_revision) {
    resource.revision_start = now;
    sets.push_back("revision_start = " + d.timestamp(now));
  }
  if (change.user_id) {
    resource.user_id = *change.user_id;
    sets.push_back("user_id = " + text_or_null(d, resource.user_id));
  }
  if (change.project_id) {
    resource.project_id = *change.project_id;
    sets.push_back("project_id = " + text_or_null(d, resource.project_id));
  }
  if (change.started_at) {
    resource.started_at = floor_us(*change.started_at);
    sets.push_back("started_at = " + d.timestamp(resource.started_at));
  }
  if (change.ended_at) {
    resource.ended_at = *change.ended_at;
    if (resource.ended_at) resource.ended_at = floor_us(*resource.ended_at);
    sets.push_back("ended_at = " + time_or_null(d, resource.ended_at));
  }
  check_order(resource, "Value for attribute ended_at is invalid: it is before started_at");
  const auto same = [](const std::string& set) { return set; };
  const std::string where = " WHERE id = " + d.uuid(resource.id);
  if (!sets.empty()) {
    connection.execute("UPDATE resource SET " + joined(sets, same) + where);
  }
  std::vector<std::string> attributes;
  for (const auto& [name, value] : change.attributes) {
    resource.attributes[name] = fitting_value(type, name, value);
    attributes.push_back(
        d.identifier(name) + " = " +
        literal(d, field_type(type.attributes.at(name).type), resource.attributes[name]));
  }
  if (!attributes.empty()) {
    connection.execute("UPDATE " + d.identifier(type.tablename) + " SET " +
                       joined(attributes, same) + where);
  }
}

/// Whether the change alters anything of the row.
bool alters(const ResourceType& type, const Resource& stored, const ResourceChange& change) {
  if (change.user_id && *change.user_id != stored.user_id) return true;
  if (change.project_id && *change.project_id != stored.project_id) return true;
  if (change.started_at && floor_us(*change.started_at) != stored.started_at) return true;
  if (change.ended_at) {
    auto ended_at = *change.ended_at;
    if (ended_at) ended_at = floor_us(*ended_at);
    if (ended_at != stored.ended_at) return true;
  }
  return std::any_of(change.attributes.begin(), change.attributes.end(), [&](const auto& entry) {
    const auto found = stored.attributes.find(entry.first);
    return found == stored.attributes.end() ||
           fitting_value(type, entry.first, entry.second) != found->second;
  });
}

void delete_pieces(Connection& connection, const std::vector<ResourceId>& ids) {
  const Dialect& d = connection.dialect();
  in_pieces(std::span(ids), kIdsPerWrite, [&](std::span<const ResourceId> piece) {
    const std::string in = in_ids(d, piece);
    connection.execute("UPDATE metric SET status = 'delete', resource_id = NULL WHERE resource_id" +
                       in);
    connection.execute("DELETE FROM resource WHERE id" + in);
  });
}

}  // namespace

std::optional<Resource> read_resource(Connection& connection, const ResourceType& type,
                                      const ResourceId& id, const std::string& lock) {
  const Dialect& d = connection.dialect();
  Columns columns;
  const ResourceReader base(columns, d, "r", false, false);
  const AttributeReader attributes(columns, d, "a", type.attributes);
  std::optional<Resource> resource;
  connection.query("SELECT " + columns.sql() + " FROM " + resource_tables(d, type, false) +
                       " WHERE r.id = " + d.uuid(id) + lock,
                   columns.kinds(), [&](const Row& row) {
                     resource.emplace();
                     static_cast<ResourceBase&>(*resource) = base.read(row);
                     resource->attributes = attributes.read(row);
                   });
  return resource;
}

std::optional<Resource> SqlResources::get(std::string_view type_name, const ResourceId& id,
                                          bool with_metrics) {
  std::optional<Resource> resource;
  db_.run("get resource", [&](Connection& connection, const Attempt&) {
    const ResourceType type = usable_type(connection, type_name);
    resource = read_resource(connection, type, id, {});
    if (resource && with_metrics) resource->metrics = metrics_of(connection, {id});
  });
  return resource;
}

Resource SqlResources::update(std::string_view type_name, const ResourceId& id,
                              const ResourceChange& wanted) {
  const Timestamp now = now_us();
  Resource resource;
  db_.transaction("update resource", [&](Connection& connection, const Attempt& attempt) {
    const Dialect& d = connection.dialect();
    const ResourceType type = usable_type(connection, type_name, d.for_share());
    auto stored = read_resource(connection, type, id, d.for_update());
    if (!stored) throw no_such_resource(id);
    resource = std::move(*stored);
    const bool done =
        attempt.maybe_done && wanted.create_revision && resource.revision_start == now;
    if (!done) {
      // Somebody else may have made the same change since the caller has looked.
      ResourceChange change = wanted;
      change.create_revision = wanted.create_revision && alters(type, resource, wanted);
      if (change.create_revision) {
        // A change by way of "generic" must keep the attributes in the history as well.
        const bool whole = type.name != kGeneric || resource.type == kGeneric;
        const auto own = whole ? std::nullopt : find_type(connection, resource.type, d.for_share());
        keep_revision(connection, own ? *own : type, id, now);
      }
      apply(connection, type, resource, change, now);
      if (change.replace_metrics) {
        connection.execute("UPDATE metric SET resource_id = NULL WHERE resource_id = " +
                           d.uuid(id) + " AND status = 'active'");
      }
      if (!change.metrics.empty()) assign_metrics(connection, resource, change.metrics);
    }
    resource.metrics = metrics_of(connection, {id});
  });
  return resource;
}

void SqlResources::remove(const ResourceId& id) {
  const std::string uuid = db_.dialect().uuid(id);
  db_.transaction("delete resource", [&](Connection& connection, const Attempt& attempt) {
    connection.execute(
        "UPDATE metric SET status = 'delete', resource_id = NULL"
        " WHERE resource_id = " +
        uuid);
    if (connection.execute("DELETE FROM resource WHERE id = " + uuid) == 0 && !attempt.maybe_done) {
      throw no_such_resource(id);
    }
  });
}

std::uint64_t SqlResources::remove_matching(std::string_view type_name, const Filter& filter) {
  std::uint64_t removed = 0;
  db_.transaction("delete resources", [&](Connection& connection, const Attempt& attempt) {
    const Dialect& d = connection.dialect();
    const ResourceType type = usable_type(connection, type_name, d.for_share());
    const FieldResolver resolver = [&](std::string_view name) {
      return resolve_resource_field(d, type, false, name);
    };
    std::vector<ResourceId> ids;
    const ColumnKind kinds[] = {ColumnKind::text};
    connection.query("SELECT r.id FROM " + resource_tables(d, type, false) + " WHERE " +
                         filter_sql(d, filter, resolver) + " ORDER BY r.id" + d.for_update(),
                     kinds, [&](const Row& row) { ids.emplace_back(row.uuid(0)); });
    // A run whose commit was lost may have removed what this one no longer finds.
    if (!attempt.maybe_done || !ids.empty()) removed = ids.size();
    delete_pieces(connection, ids);
  });
  return removed;
}

std::vector<ResourceBase> SqlResources::list_inactive(Timestamp since, std::uint32_t limit) {
  const Dialect& d = db_.dialect();
  Columns columns;
  const ResourceReader base(columns, d, "r", false, false);
  const std::string statement =
      "SELECT " + columns.sql() +
      " FROM resource r WHERE r.ended_at IS NULL AND r.id IN (SELECT m.resource_id FROM metric m"
      " WHERE m.resource_id IS NOT NULL AND m.status = 'active' GROUP BY m.resource_id"
      " HAVING MAX(m.last_measure_timestamp) < " +
      d.timestamp(since) + ") ORDER BY r.id LIMIT " + std::to_string(limit);
  std::vector<ResourceBase> resources;
  db_.run("list inactive resources", [&](Connection& connection, const Attempt&) {
    resources.clear();
    connection.query(statement, columns.kinds(),
                     [&](const Row& row) { resources.push_back(base.read(row)); });
  });
  return resources;
}

}  // namespace gnocchi::sql
