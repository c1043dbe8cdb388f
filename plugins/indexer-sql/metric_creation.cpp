// Making metrics, one or many. A single INSERT is the usual case; only when the database refuses
// it is looked for what was in the way, for all rows at once.
#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_set>

#include "indexer-sql/metrics.h"
#include "indexer-sql/rows.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

using Kind = Failure::Kind;

constexpr std::size_t kMetricsPerInsert = 1000;
constexpr char kUniqueName[] = "uniq_metric0resource_id0name";
constexpr ColumnKind kText[] = {ColumnKind::text};

/// Those of the ids that have a row in the table.
template <class Id>
std::unordered_set<Uuid> present_ids(Connection& connection, const char* table,
                                     const std::set<Id>& ids) {
  std::unordered_set<Uuid> found;
  if (ids.empty()) return found;
  const Dialect& d = connection.dialect();
  connection.query(std::string("SELECT id FROM ") + table + " WHERE id" + in_ids(d, ids), kText,
                   [&](const Row& row) { found.insert(row.uuid(0)); });
  return found;
}

/// The names among these that the database takes for an archive policy's.
std::set<std::string> present_policies(Connection& connection, const std::set<std::string>& names) {
  const Dialect& d = connection.dialect();
  std::set<std::string> found;
  for (const std::string& name : names) {  // few: one per policy in use
    if (connection.exists("SELECT name FROM archive_policy WHERE name = " + d.text(name))) {
      found.insert(name);
    }
  }
  return found;
}

bool same(const Metric& stored, const NewMetric& wanted) {
  return stored.archive_policy_name == wanted.archive_policy_name &&
         stored.creator == wanted.creator && stored.name == wanted.name &&
         stored.resource_id == wanted.resource_id;
}

std::optional<Metric> stored_metric(Connection& connection, const MetricId& id) {
  const MetricReader reader(connection.dialect(), false);
  std::optional<Metric> metric;
  connection.query(reader.select() + " WHERE m.id = " + connection.dialect().uuid(id),
                   reader.kinds(), [&](const Row& row) { metric = reader.read(row); });
  return metric;
}

/// One piece of a bulk creation.
class MetricBatch {
 public:
  MetricBatch(Connection& connection, std::span<const NewMetric> metrics,
              std::span<MetricCreation> out)
      : connection_(connection), metrics_(metrics), out_(out) {
    // Rows go in by key: batches that overlap then wait for each other instead of deadlocking.
    open_.resize(metrics.size());
    std::iota(open_.begin(), open_.end(), std::size_t{0});
    std::sort(open_.begin(), open_.end(), [&](std::size_t a, std::size_t b) {
      return std::tie(metrics_[a].resource_id, metrics_[a].name, a) <
             std::tie(metrics_[b].resource_id, metrics_[b].name, b);
    });
    std::fill(out.begin(), out.end(), MetricCreation::created);
  }

  void run() {
    bool skip_duplicates = false;
    while (!open_.empty()) {
      try {
        insert(skip_duplicates);
        if (skip_duplicates) check_created();
        return;
      } catch (const SqlError& error) {
        if (error.kind() == Kind::duplicate) {
          skip_duplicates = true;
        } else if (error.kind() != Kind::no_parent) {
          throw;
        } else if (!drop_orphans()) {
          // All parents are there now: made, or made again, in between.
          throw SqlError({Kind::conflict, {}}, error.what());
        }
      }
    }
  }

 private:
  void insert(bool skip_duplicates) {
    std::vector<NewMetric> rows;
    rows.reserve(open_.size());
    for (const std::size_t i : open_) rows.push_back(metrics_[i]);
    connection_.execute(insert_metrics(connection_.dialect(), rows) +
                        (skip_duplicates ? connection_.dialect().skip_duplicates("id") : ""));
  }

  /// Takes out rows whose archive policy or resource is missing; false if there are none (any
  /// more).
  bool drop_orphans() {
    std::set<ResourceId> resources;
    std::set<std::string> policies;
    for (const std::size_t i : open_) {
      if (metrics_[i].resource_id) resources.insert(*metrics_[i].resource_id);
      policies.insert(metrics_[i].archive_policy_name);
    }
    const auto known_resources = present_ids(connection_, "resource", resources);
    const auto known_policies = present_policies(connection_, policies);
    const std::size_t before = open_.size();
    std::erase_if(open_, [&](std::size_t i) {
      if (!known_policies.contains(metrics_[i].archive_policy_name)) {
        out_[i] = MetricCreation::no_such_archive_policy;
        return true;
      }
      if (metrics_[i].resource_id && !known_resources.contains(*metrics_[i].resource_id)) {
        out_[i] = MetricCreation::no_such_resource;
        return true;
      }
      return false;
    });
    return open_.size() < before;
  }

  void check_created() {
    std::set<MetricId> ids;
    for (const std::size_t i : open_) ids.insert(metrics_[i].id);
    const auto created = present_ids(connection_, "metric", ids);
    for (const std::size_t i : open_) {
      if (!created.contains(metrics_[i].id)) out_[i] = MetricCreation::name_taken;
    }
  }

  Connection& connection_;
  std::span<const NewMetric> metrics_;
  std::span<MetricCreation> out_;
  std::vector<std::size_t> open_;
};

}  // namespace

std::string insert_metrics(const Dialect& d, std::span<const NewMetric> metrics) {
  const std::string now = d.timestamp(now_us());
  return "INSERT INTO metric (id, archive_policy_name, creator, resource_id, name, unit, status,"
         " needs_raw_data_truncation, last_measure_timestamp) VALUES " +
         joined(
             metrics,
             [&](const NewMetric& metric) {
               return "(" + d.uuid(metric.id) + "," + d.text(metric.archive_policy_name) + "," +
                      text_or_null(d, metric.creator) + "," + uuid_or_null(d, metric.resource_id) +
                      "," + text_or_null(d, metric.name) + "," + text_or_null(d, metric.unit) +
                      ",'active',0," + now + ")";
             },
             ",");
}

Metric created_metric(const NewMetric& metric) {
  return {metric.id,   metric.archive_policy_name, metric.creator,       metric.name,
          metric.unit, metric.resource_id,         MetricStatus::active, std::nullopt};
}

Metric SqlMetrics::create(const NewMetric& metric) {
  const std::string statement = insert_metrics(db_.dialect(), std::span(&metric, 1));
  db_.write("create metric", [&](Connection& connection, const Attempt& attempt) {
    try {
      connection.execute(statement);
    } catch (const SqlError& error) {
      if (error.kind() == Kind::duplicate) {
        if (attempt.maybe_done && error.constraint() != kUniqueName) {
          const auto stored = stored_metric(connection, metric.id);
          if (stored && same(*stored, metric)) return;
        }
        throw named_metric_exists(metric.name.value_or(metric.id.to_string()));
      }
      if (error.kind() != Kind::no_parent) throw;
      if (present_policies(connection, {metric.archive_policy_name}).empty()) {
        throw no_such_archive_policy(metric.archive_policy_name);
      }
      if (metric.resource_id) throw no_such_resource(*metric.resource_id);
      throw;
    }
  });
  return created_metric(metric);
}

std::vector<MetricCreation> SqlMetrics::create(std::span<const NewMetric> metrics) {
  std::vector<MetricCreation> outcome(metrics.size(), MetricCreation::created);
  for (std::size_t at = 0; at < metrics.size(); at += kMetricsPerInsert) {
    const std::size_t count = std::min(kMetricsPerInsert, metrics.size() - at);
    db_.write("create metrics", [&](Connection& connection, const Attempt&) {
      MetricBatch(connection, metrics.subspan(at, count), std::span(outcome).subspan(at, count))
          .run();
    });
  }
  return outcome;
}

}  // namespace gnocchi::sql
