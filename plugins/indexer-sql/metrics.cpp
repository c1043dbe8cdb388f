#include "indexer-sql/metrics.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "indexer-sql/filter_sql.h"
#include "indexer-sql/paginate.h"
#include "indexer-sql/rows.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

using Kind = Failure::Kind;

// Keeps a statement far below the usual packet limit of 16 MiB, and locks of writes short.
constexpr std::size_t kNamesPerRead = 1000;

Field resolve(const Dialect& dialect, std::string_view name) {
  if (auto field = metric_field(dialect, name)) return *field;
  if (name.starts_with("resource.")) throw no_such_attribute("generic", name.substr(9));
  throw Refused(Refused::Reason::invalid_value, Refused::Subject::attribute,
                "Metrics have no " + std::string(name) + " attribute", std::string(name));
}

bool uses_resource(const Filter& filter) {
  return filter.field.starts_with("resource.") ||
         std::any_of(filter.children.begin(), filter.children.end(), uses_resource);
}

bool uses_resource(const MetricQuery& query) {
  return (query.filter && uses_resource(*query.filter)) ||
         std::any_of(query.sorts.begin(), query.sorts.end(),
                     [](const Sort& sort) { return sort.field.starts_with("resource."); });
}

std::string status_text(MetricStatus status) {
  return status == MetricStatus::active ? "'active'" : "'delete'";
}

/// The values that the marker's row has in the keys.
std::vector<Value> marker_values(Connection& connection, const MetricQuery& query,
                                 const std::vector<SortKey>& keys) {
  const Dialect& d = connection.dialect();
  Columns columns;
  for (const SortKey& key : keys) add_field(columns, d, key.field);
  std::vector<Value> values;
  connection.query("SELECT " + columns.sql() +
                       " FROM metric m LEFT JOIN resource r ON r.id = m.resource_id"
                       " WHERE m.id = " +
                       d.uuid(*query.marker) + " AND m.status = " + status_text(query.status),
                   columns.kinds(), [&](const Row& row) {
                     for (std::size_t i = 0; i < keys.size(); ++i) {
                       values.push_back(field_value(row, i, keys[i].field.type));
                     }
                   });
  if (values.empty()) throw bad_pagination("Invalid marker: `" + query.marker->to_string() + "'");
  return values;
}

}  // namespace

std::vector<Metric> SqlMetrics::list(const MetricQuery& query) {
  const Dialect& d = db_.dialect();
  const FieldResolver resolver = [&](std::string_view name) { return resolve(d, name); };
  const std::vector<SortKey> keys = sort_keys(query.sorts, {"id"}, resolver);
  const MetricReader reader(d, query.with_resource);
  std::string statement = reader.select(uses_resource(query)) +
                          " WHERE m.status = " + status_text(query.status) +
                          (query.needs_truncation ? " AND m.needs_raw_data_truncation = 1" : "");
  if (query.filter) statement += " AND (" + filter_sql(d, *query.filter, resolver) + ")";
  const std::string tail =
      order_by(keys) + (query.limit ? " LIMIT " + std::to_string(*query.limit) : "");
  std::vector<Metric> metrics;
  db_.run("list metrics", [&](Connection& connection, const Attempt&) {
    metrics.clear();
    std::string page;
    if (query.marker) {
      page = " AND (" + after(d, keys, marker_values(connection, query, keys)) + ")";
    }
    connection.query(statement + page + tail, reader.kinds(),
                     [&](const Row& row) { metrics.push_back(reader.read(row)); });
  });
  return metrics;
}

std::vector<Metric> SqlMetrics::get(std::span<const MetricId> ids, bool with_resource) {
  if (ids.empty()) return {};
  const MetricReader reader(db_.dialect(), with_resource);
  std::vector<Metric> metrics;
  db_.run("get metrics", [&](Connection& connection, const Attempt&) {
    metrics.clear();
    metrics.reserve(ids.size());
    in_pieces(ids, kIdsPerRead, [&](std::span<const MetricId> piece) {
      connection.query(reader.select() + " WHERE m.id" + in_ids(db_.dialect(), piece) +
                           " AND m.status = 'active'",
                       reader.kinds(),
                       [&](const Row& row) { metrics.push_back(reader.read(row)); });
    });
  });
  return metrics;
}

std::vector<Metric> SqlMetrics::get_named(std::span<const NamedMetric> names, bool with_resource) {
  if (names.empty()) return {};
  const Dialect& d = db_.dialect();
  const MetricReader reader(d, with_resource);
  // The database may find names that differ in case; only exact ones count.
  std::set<std::pair<ResourceId, std::string_view>> wanted;
  for (const NamedMetric& named : names) wanted.emplace(named.resource, named.name);
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.reserve(wanted.size());
  for (const auto& [resource, name] : wanted) pairs.emplace_back(d.uuid(resource), d.text(name));
  std::vector<Metric> metrics;
  db_.run("get named metrics", [&](Connection& connection, const Attempt&) {
    metrics.clear();
    in_pieces(std::span<const std::pair<std::string, std::string>>(pairs), kNamesPerRead,
              [&](auto piece) {
                connection.query(reader.select() + " WHERE " + d.named_metrics(piece) +
                                     " AND m.status = 'active'",
                                 reader.kinds(), [&](const Row& row) {
                                   Metric metric = reader.read(row);
                                   if (metric.resource_id && metric.name &&
                                       wanted.contains({*metric.resource_id, *metric.name})) {
                                     metrics.push_back(std::move(metric));
                                   }
                                 });
              });
  });
  return metrics;
}

void SqlMetrics::mark_deleted(const MetricId& id) {
  const std::string statement =
      "UPDATE metric SET status = 'delete', resource_id = NULL WHERE id = " +
      db_.dialect().uuid(id) + " AND status = 'active'";
  db_.write("delete metric", [&](Connection& connection, const Attempt& attempt) {
    if (connection.execute(statement) == 0 && !attempt.maybe_done) throw no_such_metric(id);
  });
}

void SqlMetrics::expunge(std::span<const MetricId> ids) {
  in_pieces(ids, kIdsPerWrite, [&](std::span<const MetricId> piece) {
    const std::string statement =
        "DELETE FROM metric WHERE id" + in_ids(db_.dialect(), piece) + " AND status = 'delete'";
    db_.write("expunge metrics",
              [&](Connection& connection, const Attempt&) { connection.execute(statement); });
  });
}

void SqlMetrics::touch(std::span<const MetricId> ids, Timestamp now, Timespan slack) {
  // In the order of the keys, so that concurrent calls do not wait for each other in a circle.
  std::vector<MetricId> sorted(ids.begin(), ids.end());
  std::sort(sorted.begin(), sorted.end());
  const Dialect& d = db_.dialect();
  const std::string older = " AND last_measure_timestamp < " + d.timestamp(now - slack);
  in_pieces(std::span<const MetricId>(sorted), kIdsPerWrite, [&](std::span<const MetricId> piece) {
    std::vector<MetricId> stale;
    const ColumnKind kinds[] = {ColumnKind::text};
    db_.run("look for metrics to touch", [&](Connection& connection, const Attempt&) {
      stale.clear();
      connection.query("SELECT id FROM metric WHERE id" + in_ids(d, piece) + older + " ORDER BY id",
                       kinds, [&](const Row& row) { stale.emplace_back(row.uuid(0)); });
    });
    if (stale.empty()) return;
    const std::string statement = "UPDATE metric SET last_measure_timestamp = " + d.timestamp(now) +
                                  " WHERE id" + in_ids(d, stale);
    db_.write("touch metrics",
              [&](Connection& connection, const Attempt&) { connection.execute(statement); });
  });
}

void SqlMetrics::unmark_truncated(std::span<const MetricId> ids, const ArchivePolicy& policy) {
  const Dialect& d = db_.dialect();
  in_pieces(ids, kIdsPerWrite, [&](std::span<const MetricId> piece) {
    const std::string statement =
        "UPDATE metric SET needs_raw_data_truncation = 0 WHERE id" + in_ids(d, piece) +
        " AND archive_policy_name = " + d.text(policy.name) +
        " AND EXISTS (SELECT 1 FROM archive_policy WHERE name = " + d.text(policy.name) +
        " AND back_window = " + std::to_string(policy.back_window) + ")";
    db_.write("unmark truncated metrics",
              [&](Connection& connection, const Attempt&) { connection.execute(statement); });
  });
}

}  // namespace gnocchi::sql
