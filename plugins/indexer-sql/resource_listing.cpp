// Lists of resources: current ones, or with their history; a page of them; with all attributes.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "indexer-sql/paginate.h"
#include "indexer-sql/resource_rows.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/resources.h"
#include "indexer-sql/rows.h"
#include "indexer-sql/text.h"
#include "indexer-sql/type_tables.h"

namespace gnocchi::sql {
namespace {

/// Builds and reads one listing of a type.
class Listing {
 public:
  Listing(Connection& connection, const ResourceQuery& query, const ResourceType& type)
      : connection_(connection),
        d_(connection.dialect()),
        query_(query),
        type_(type),
        rows_(d_, type_, query.history) {}

  std::vector<Resource> read() {
    const std::vector<SortKey> keys = rows_.sort_keys(query_.sorts);
    Columns columns;
    const ResourceReader base(columns, d_, rows_.shared_alias(), query_.history, query_.history);
    const AttributeReader attributes(columns, d_, rows_.own_alias(), type_.attributes);
    std::string statement = "SELECT " + columns.sql() + " FROM " + rows_.tables(query_.filter) +
                            " WHERE " + rows_.condition(query_.filter);
    if (query_.marker) statement += " AND (" + after(d_, keys, marker_values(keys)) + ")";
    statement += order_by(keys);
    if (query_.limit) statement += " LIMIT " + std::to_string(*query_.limit);
    std::vector<Resource> resources;
    connection_.query(statement, columns.kinds(), [&](const Row& row) {
      Resource& resource = resources.emplace_back();
      static_cast<ResourceBase&>(resource) = base.read(row);
      resource.attributes = attributes.read(row);
    });
    return resources;
  }

 private:
  std::vector<Value> marker_values(const std::vector<SortKey>& keys) const {
    // The row is found whether or not it matches the filter.
    Filter which =
        Filter::compare(Filter::Op::eq, "id", Value(static_cast<const Uuid&>(*query_.marker)));
    std::string shown = query_.marker->to_string();
    if (query_.history) {
      const std::int64_t revision = query_.marker_revision.value_or(-1);
      which = Filter::all({which, Filter::compare(Filter::Op::eq, "revision", revision)});
      shown += "@" + std::to_string(revision);
    }
    Columns columns;
    for (const SortKey& key : keys) add_field(columns, d_, key.field);
    std::vector<Value> values;
    connection_.query("SELECT " + columns.sql() + " FROM " + rows_.tables(which) + " WHERE " +
                          rows_.condition(which),
                      columns.kinds(), [&](const Row& row) {
                        for (std::size_t i = 0; i < keys.size(); ++i) {
                          values.push_back(field_value(row, i, keys[i].field.type));
                        }
                      });
    if (values.empty()) throw bad_pagination("Invalid marker: `" + shown + "'");
    return values;
  }

  Connection& connection_;
  const Dialect& d_;
  const ResourceQuery& query_;
  const ResourceType& type_;
  const ResourceRows rows_;
};

/// Fills in the attributes of resources of other types: one query for each type and table.
class Details {
 public:
  Details(Connection& connection, std::vector<Resource>& resources)
      : connection_(connection), resources_(resources) {}

  void fill() {
    std::unordered_map<std::string, std::vector<Resource*>> by_type;
    for (Resource& resource : resources_) {
      if (resource.type != kGeneric) by_type[resource.type].push_back(&resource);
    }
    std::vector<std::string> names;
    names.reserve(by_type.size());
    for (const auto& [name, members] : by_type) names.push_back(name);
    for (const ResourceType& type : active_types(connection_, names)) {
      // The database found the type by its own equality, which the resource's foreign key shares.
      for (const auto& [name, members] : by_type) {
        if (name == type.name) fill_type(type, members);
      }
    }
    // Gone in the meantime, with its type or alone.
    std::erase_if(resources_, [&](const Resource& resource) {
      return resource.type != kGeneric && !done_.contains(&resource);
    });
  }

 private:
  void fill_type(const ResourceType& type, const std::vector<Resource*>& members) {
    std::unordered_map<ResourceId, Resource*> current;
    std::unordered_map<std::int64_t, Resource*> past;
    for (Resource* resource : members) {
      if (resource->revision.value_or(-1) == -1) {
        current[resource->id] = resource;
      } else {
        past[*resource->revision] = resource;
        // A revision made without its attributes is still one.
        for (const auto& [name, spec] : type.attributes) resource->attributes.try_emplace(name);
        done_.insert(resource);
      }
    }
    const Dialect& d = connection_.dialect();
    std::vector<ResourceId> ids;
    std::vector<std::int64_t> revisions;
    ids.reserve(current.size());
    revisions.reserve(past.size());
    for (const auto& [id, resource] : current) ids.push_back(id);
    for (const auto& [revision, resource] : past) revisions.push_back(revision);
    in_pieces(std::span<const ResourceId>(ids), kIdsPerRead, [&](auto piece) {
      read(type, "a", type.tablename, Field{"a.id", FieldType::uuid, true}, in_ids(d, piece),
           [&](const Value& key) { return current.at(ResourceId(std::get<Uuid>(key))); });
    });
    in_pieces(std::span<const std::int64_t>(revisions), kIdsPerRead, [&](auto piece) {
      const auto text = [](std::int64_t revision) { return std::to_string(revision); };
      read(type, "b", history_table(type.tablename), Field{"b.revision", FieldType::integer, true},
           " IN (" + joined(piece, text, ",") + ")",
           [&](const Value& key) { return past.at(std::get<std::int64_t>(key)); });
    });
  }

  /// Of the rows whose key is `among`.
  template <class F>
  void read(const ResourceType& type, const std::string& alias, const std::string& table,
            const Field& key, const std::string& among, F find) {
    const Dialect& d = connection_.dialect();
    Columns columns;
    add_field(columns, d, key);
    const AttributeReader attributes(columns, d, alias, type.attributes);
    connection_.query("SELECT " + columns.sql() + " FROM " + d.identifier(table) + " " + alias +
                          " WHERE " + key.sql + among,
                      columns.kinds(), [&](const Row& row) {
                        Resource* resource = find(field_value(row, 0, key.type));
                        resource->attributes = attributes.read(row);
                        done_.insert(resource);
                      });
  }

  Connection& connection_;
  std::vector<Resource>& resources_;
  std::unordered_set<const Resource*> done_;
};

void attach_metrics(Connection& connection, std::vector<Resource>& resources) {
  std::unordered_map<ResourceId, std::vector<Resource*>> by_id;
  std::vector<ResourceId> ids;
  for (Resource& resource : resources) {
    auto& same = by_id[resource.id];
    if (same.empty()) ids.push_back(resource.id);
    same.push_back(&resource);
  }
  for (Metric& metric : metrics_of(connection, ids)) {
    const auto found = by_id.find(*metric.resource_id);
    if (found == by_id.end()) continue;
    for (Resource* resource : found->second) resource->metrics.push_back(metric);
  }
}

}  // namespace

std::vector<Resource> SqlResources::list(const ResourceQuery& query) {
  std::vector<Resource> resources;
  db_.run("list resources", [&](Connection& connection, const Attempt&) {
    const ResourceType type = usable_type(connection, query.type);
    resources = Listing(connection, query, type).read();
    if (query.details && query.type == kGeneric) Details(connection, resources).fill();
    if (query.metrics) attach_metrics(connection, resources);
  });
  return resources;
}

}  // namespace gnocchi::sql
