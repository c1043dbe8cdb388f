#include <algorithm>
#include <set>

#include "indexer-sql/metrics.h"
#include "indexer-sql/resources.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

using Kind = Failure::Kind;

/// Which of the names is taken on this resource; the first one if the database sees two of them
/// as one.
std::string taken_name(Connection& connection, const ResourceId& resource,
                       std::span<const MetricAssignment> assignments) {
  const Dialect& d = connection.dialect();
  const ColumnKind kinds[] = {ColumnKind::text};
  std::string name = assignments.front().name;
  connection.query("SELECT name FROM metric WHERE resource_id = " + d.uuid(resource) +
                       " AND name IN (" +
                       joined(assignments, [&](const auto& a) { return d.text(a.name); }) + ")",
                   kinds, [&](const Row& row) { name = row.text(0); });
  return name;
}

/// Metrics that exist, are active and belong to the resource's creator.
void attach(Connection& connection, const ResourceBase& resource,
            const std::vector<const MetricAssignment*>& existing) {
  const Dialect& d = connection.dialect();
  std::set<MetricId> ids;
  std::string names = "CASE id";
  for (const MetricAssignment* assignment : existing) {
    ids.insert(*assignment->existing);
    names += " WHEN " + d.uuid(*assignment->existing) + " THEN " + d.text(assignment->name);
  }
  const std::string whose =
      " WHERE id" + in_ids(d, ids) + " AND status = 'active' AND " +
      (resource.creator ? d.exact_in("creator", d.text(*resource.creator), false)
                        : "creator IS NULL");
  std::set<MetricId> found;
  const ColumnKind kinds[] = {ColumnKind::text};
  connection.query("SELECT id FROM metric" + whose + d.for_update(), kinds,
                   [&](const Row& row) { found.emplace(row.uuid(0)); });
  for (const MetricAssignment* assignment : existing) {
    if (!found.contains(*assignment->existing)) throw no_such_metric(*assignment->existing);
  }
  connection.execute("UPDATE metric SET resource_id = " + d.uuid(resource.id) +
                     ", name = " + names + " END" + whose);
}

void make(Connection& connection, const ResourceBase& resource,
          const std::vector<const MetricAssignment*>& created) {
  std::vector<NewMetric> metrics;
  metrics.reserve(created.size());
  for (const MetricAssignment* assignment : created) {
    metrics.push_back(*assignment->created);
    metrics.back().resource_id = resource.id;
    metrics.back().name = assignment->name;
  }
  try {
    connection.execute(insert_metrics(connection.dialect(), metrics));
  } catch (const SqlError& error) {
    if (error.kind() != Kind::no_parent) throw;
    // The resource is ours: it must be an archive policy.
    for (const NewMetric& metric : metrics) {
      const std::string name = connection.dialect().text(metric.archive_policy_name);
      if (!connection.exists("SELECT name FROM archive_policy WHERE name = " + name)) {
        throw no_such_archive_policy(metric.archive_policy_name);
      }
    }
    throw;
  }
}

}  // namespace

void assign_metrics(Connection& connection, const ResourceBase& resource,
                    std::span<const MetricAssignment> assignments) {
  std::vector<const MetricAssignment*> existing, created;
  for (const MetricAssignment& assignment : assignments) {
    (assignment.existing ? existing : created).push_back(&assignment);
  }
  try {
    if (!existing.empty()) attach(connection, resource, existing);
    if (!created.empty()) make(connection, resource, created);
  } catch (const SqlError& error) {
    if (error.kind() != Kind::duplicate) throw;
    throw named_metric_exists(taken_name(connection, resource.id, assignments));
  }
}

}  // namespace gnocchi::sql
