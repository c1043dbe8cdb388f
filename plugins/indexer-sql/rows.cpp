#include "indexer-sql/rows.h"

#include <algorithm>

#include "gnocchi/error.h"
#include "indexer-sql/text.h"

namespace gnocchi::sql {
namespace {

constexpr std::size_t kIdsPerStatement = 5000;

}  // namespace

ResourceReader::ResourceReader(Columns& columns, const Dialect& dialect, const std::string& table,
                               bool history, bool past)
    : history_(history) {
  const auto field = [&](const char* name) { return *resource_field(dialect, table, past, name); };
  first_ = add_field(columns, dialect, field("id"));
  for (const char* name : {"type", "creator", "user_id", "project_id", "original_resource_id",
                           "started_at", "ended_at", "revision_start"}) {
    add_field(columns, dialect, field(name));
  }
  if (!history_) return;
  add_field(columns, dialect, field("revision_end"));
  add_field(columns, dialect, field("revision"));
}

ResourceBase ResourceReader::read(const Row& row) const {
  std::size_t i = first_;
  ResourceBase base;
  base.id = ResourceId(row.uuid(i++));
  base.type = row.text(i++);
  base.creator = row.text_or_null(i++);
  base.user_id = row.text_or_null(i++);
  base.project_id = row.text_or_null(i++);
  base.original_resource_id = row.text_or_null(i++);
  base.started_at = row.timestamp(i++);
  base.ended_at = row.timestamp_or_null(i++);
  base.revision_start = row.timestamp(i++);
  if (history_) {
    base.revision_end = row.timestamp_or_null(i++);
    base.revision = row.integer(i++);
  }
  return base;
}

AttributeReader::AttributeReader(Columns& columns, const Dialect& dialect, const std::string& table,
                                 const std::map<std::string, AttributeSpec>& attributes) {
  for (const auto& [name, spec] : attributes) {
    const FieldType type = field_type(spec.type);
    const Field field{table + "." + dialect.identifier(name), type, false};
    columns_.push_back({name, add_field(columns, dialect, field), type});
  }
}

std::map<std::string, Value> AttributeReader::read(const Row& row) const {
  std::map<std::string, Value> values;
  for (const Column& column : columns_) {
    values.emplace_hint(values.end(), column.name, field_value(row, column.index, column.type));
  }
  return values;
}

MetricColumns::MetricColumns(Columns& columns) {
  first_ = columns.add("m.id", ColumnKind::text);
  for (const char* name :
       {"m.archive_policy_name", "m.creator", "m.name", "m.unit", "m.resource_id", "m.status"}) {
    columns.add(name, ColumnKind::text);
  }
}

Metric MetricColumns::read(const Row& row) const {
  std::size_t i = first_;
  Metric metric;
  metric.id = MetricId(row.uuid(i++));
  metric.archive_policy_name = row.text(i++);
  metric.creator = row.text_or_null(i++);
  metric.name = row.text_or_null(i++);
  metric.unit = row.text_or_null(i++);
  if (!row.null(i)) metric.resource_id = ResourceId(row.uuid(i));
  metric.status = row.text(++i) == "active" ? MetricStatus::active : MetricStatus::deleted;
  return metric;
}

MetricReader::MetricReader(const Dialect& dialect, bool with_resource) {
  if (with_resource) resource_.emplace(columns_, dialect, "r", false, false);
}

std::string MetricReader::select(bool join) const {
  return "SELECT " + columns_.sql() + " FROM metric m" +
         (join || resource_ ? " LEFT JOIN resource r ON r.id = m.resource_id" : "");
}

Metric MetricReader::read(const Row& row) const {
  Metric metric = metric_.read(row);
  if (resource_ && resource_->present(row)) metric.resource = resource_->read(row);
  return metric;
}

std::vector<Metric> metrics_of(Connection& connection, const std::vector<ResourceId>& resources) {
  const Dialect& d = connection.dialect();
  const MetricReader reader(d, false);
  std::vector<Metric> metrics;
  in_pieces(std::span(resources), kIdsPerStatement, [&](std::span<const ResourceId> piece) {
    connection.query(
        reader.select() + " WHERE m.resource_id" + in_ids(d, piece) + " AND m.status = 'active'",
        reader.kinds(), [&](const Row& row) { metrics.push_back(reader.read(row)); });
  });
  sort_by_name(metrics);
  return metrics;
}

void sort_by_name(std::vector<Metric>& metrics) {
  std::sort(metrics.begin(), metrics.end(), [](const Metric& a, const Metric& b) {
    return a.name != b.name ? a.name < b.name : a.id < b.id;
  });
}

}  // namespace gnocchi::sql
