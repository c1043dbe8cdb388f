// Making resources, one or many. A statement for the rows that all types share and one for the
// type's own; only when the database refuses is it looked for what was in the way.
#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "indexer-sql/resource_aliases.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/resources.h"
#include "indexer-sql/rows.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

using Kind = Failure::Kind;
using Reason = Refused::Reason;
using Subject = Refused::Subject;

constexpr std::size_t kResourcesPerInsert = 1000;
constexpr ColumnKind kTextColumn[] = {ColumnKind::text};

Resource to_row(const NewResource& wanted, Timestamp now) {
  Resource resource;
  resource.id = wanted.id;
  resource.type = wanted.type;
  resource.creator = wanted.creator;
  resource.user_id = wanted.user_id;
  resource.project_id = wanted.project_id;
  resource.original_resource_id = wanted.original_resource_id;
  resource.started_at = wanted.started_at ? floor_us(*wanted.started_at) : now;
  if (wanted.ended_at) resource.ended_at = floor_us(*wanted.ended_at);
  resource.revision_start = now;
  if (resource.ended_at && resource.started_at > *resource.ended_at) {
    throw Refused(Reason::invalid_value, Subject::attribute,
                  "Start timestamp cannot be after end timestamp", "ended_at");
  }
  return resource;
}

void insert_resources(Connection& connection, std::span<const Resource> resources) {
  const Dialect& d = connection.dialect();
  connection.execute(
      "INSERT INTO resource (creator, started_at, revision_start, ended_at, user_id,"
      " project_id, original_resource_id, id, type) VALUES " +
      joined(
          resources,
          [&](const Resource& resource) {
            return "(" + text_or_null(d, resource.creator) + ", " +
                   d.timestamp(resource.started_at) + ", " + d.timestamp(resource.revision_start) +
                   ", " + time_or_null(d, resource.ended_at) + ", " +
                   text_or_null(d, resource.user_id) + ", " + text_or_null(d, resource.project_id) +
                   ", " + text_or_null(d, resource.original_resource_id) + ", " +
                   d.uuid(resource.id) + ", " + d.text(resource.type) + ")";
          },
          ", "));
}

/// Their attributes are complete: every one of the type, in its order.
void insert_attributes(Connection& connection, const ResourceType& type,
                       std::span<const Resource> resources) {
  if (type.name == kGeneric) return;
  const Dialect& d = connection.dialect();
  std::string names;
  for (const auto& [name, spec] : type.attributes) names += d.identifier(name) + ", ";
  connection.execute(
      "INSERT INTO " + d.identifier(type.tablename) + " (" + names + "id) VALUES " +
      joined(
          resources,
          [&](const Resource& resource) {
            std::string values = "(";
            for (const auto& [name, value] : resource.attributes) {
              values += literal(d, field_type(type.attributes.at(name).type), value) + ", ";
            }
            return values + d.uuid(resource.id) + ")";
          },
          ", "));
}

Refused exists_already(const ResourceId& id) {
  return {Reason::already_exists, Subject::resource,
          "Resource " + id.to_string() + " already exists", id.to_string()};
}

/// One piece of a bulk creation, in a transaction of its own.
class ResourceBatch {
 public:
  ResourceBatch(Connection& connection, const ResourceType& type, std::vector<Resource> rows,
                std::span<ResourceCreation> out)
      : connection_(connection), type_(type), rows_(std::move(rows)), out_(out) {
    // By key, so that batches that overlap wait for each other instead of deadlocking.
    open_.resize(rows_.size());
    std::iota(open_.begin(), open_.end(), std::size_t{0});
    std::sort(open_.begin(), open_.end(),
              [&](std::size_t a, std::size_t b) { return rows_[a].id < rows_[b].id; });
    std::fill(out.begin(), out.end(), ResourceCreation::created);
  }

  void run() {
    while (!open_.empty()) {
      std::vector<Resource> rows;
      rows.reserve(open_.size());
      for (const std::size_t i : open_) rows.push_back(rows_[i]);
      try {
        insert_resources(connection_, rows);
        insert_attributes(connection_, type_, rows);
        return;
      } catch (const SqlError& error) {
        if (error.kind() == Kind::no_parent) throw no_such_resource_type(type_.name);
        if (error.kind() != Kind::duplicate) throw;
        // If none is there now, they have been removed again in between.
        if (!drop_present()) throw SqlError({Kind::conflict, {}}, error.what());
      }
    }
  }

 private:
  bool drop_present() {
    std::vector<ResourceId> ids;
    ids.reserve(open_.size());
    for (const std::size_t i : open_) ids.push_back(rows_[i].id);
    std::unordered_set<Uuid> present;
    connection_.query("SELECT id FROM resource WHERE id" + in_ids(connection_.dialect(), ids),
                      kTextColumn, [&](const Row& row) { present.insert(row.uuid(0)); });
    return std::erase_if(open_, [&](std::size_t i) {
             if (!present.contains(rows_[i].id)) return false;
             out_[i] = ResourceCreation::already_exists;
             return true;
           }) > 0;
  }

  Connection& connection_;
  const ResourceType& type_;
  const std::vector<Resource> rows_;
  std::span<ResourceCreation> out_;
  std::vector<std::size_t> open_;
};

}  // namespace

Resource SqlResources::create(const NewResource& wanted) {
  try {
    return insert(wanted);
  } catch (const Refused& refused) {
    if (refused.reason() == Reason::already_exists && refused.subject() == Subject::resource) {
      alias_existing(wanted);
    }
    throw;
  }
}

Resource SqlResources::insert(const NewResource& wanted) {
  const Timestamp now = now_us();
  const Resource row = to_row(wanted, now);
  Resource resource;
  db_.transaction("create resource", [&](Connection& connection, const Attempt& attempt) {
    resource = row;
    const ResourceType type =
        usable_type(connection, wanted.type, connection.dialect().for_share());
    resource.type = type.name;
    resource.attributes = complete_attributes(type, wanted.attributes);
    const auto namesake = wanted.alias ? creator_of(connection, *wanted.alias) : std::nullopt;
    if (namesake && *namesake == wanted.creator) throw exists_already(*wanted.alias);
    try {
      insert_resources(connection, std::span(&resource, 1));
    } catch (const SqlError& error) {
      if (error.kind() == Kind::no_parent) throw no_such_resource_type(wanted.type);
      if (error.kind() != Kind::duplicate) throw;
      if (attempt.maybe_done) {
        const auto stored = read_resource(connection, type, wanted.id, {});
        if (stored && stored->revision_start == now && stored->creator == wanted.creator) {
          resource.metrics = metrics_of(connection, {wanted.id});
          return;
        }
      }
      throw exists_already(wanted.id);
    }
    if (wanted.alias && !namesake) add_alias(connection, *wanted.alias, wanted.id);
    insert_attributes(connection, type, std::span(&resource, 1));
    if (wanted.metrics.empty()) return;
    assign_metrics(connection, resource, wanted.metrics);
    resource.metrics = metrics_of(connection, {wanted.id});
  });
  return resource;
}

std::vector<ResourceCreation> SqlResources::create(std::span<const NewResource> resources) {
  std::vector<ResourceCreation> outcome(resources.size(), ResourceCreation::created);
  const Timestamp now = now_us();
  for (std::size_t at = 0; at < resources.size(); at += kResourcesPerInsert) {
    const std::size_t count = std::min(kResourcesPerInsert, resources.size() - at);
    const auto piece = resources.subspan(at, count);
    db_.transaction("create resources", [&](Connection& connection, const Attempt&) {
      const ResourceType type =
          usable_type(connection, piece.front().type, connection.dialect().for_share());
      std::vector<Resource> rows;
      rows.reserve(count);
      for (const NewResource& wanted : piece) {
        rows.push_back(to_row(wanted, now));
        rows.back().type = type.name;
        rows.back().attributes = complete_attributes(type, wanted.attributes);
      }
      ResourceBatch(connection, type, std::move(rows), std::span(outcome).subspan(at, count)).run();
    });
  }
  return outcome;
}

}  // namespace gnocchi::sql
