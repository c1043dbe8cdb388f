// Metrics by what their resources are: a search and its metrics in one query.
#include "indexer-sql/filter_sql.h"
#include "indexer-sql/metrics.h"
#include "indexer-sql/resource_rows.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/resources.h"
#include "indexer-sql/rows.h"

namespace gnocchi::sql {
namespace {

class MetricListing {
 public:
  MetricListing(Connection& connection, const ResourceMetricQuery& query, const ResourceType& type)
      : connection_(connection),
        d_(connection.dialect()),
        query_(query),
        rows_(d_, type, query.history) {
    if (query.with_resource) {
      resource_.emplace(columns_, d_, rows_.shared_alias(), query.history, query.history);
    }
    for (const std::string& name : query.fields) {
      const Field field = rows_.resolve(name);
      fields_.push_back({add_field(columns_, d_, field), field.type});
    }
  }

  std::vector<ResourceMetric> read() {
    std::vector<ResourceMetric> found;
    connection_.query(statement(), columns_.kinds(), [&](const Row& row) {
      ResourceMetric& one = found.emplace_back();
      one.metric = metric_.read(row);
      if (resource_) one.metric.resource = resource_->read(row);
      one.values.reserve(fields_.size());
      for (const auto& [column, type] : fields_) {
        one.values.push_back(field_value(row, column, type));
      }
    });
    return found;
  }

 private:
  std::string statement() const {
    std::string text = "SELECT " + columns_.sql() + " FROM " + rows_.tables(query_.filter) +
                       " CROSS JOIN metric m ON m.resource_id = " + rows_.shared_alias() +
                       ".id AND m.status = 'active' WHERE " + rows_.condition(query_.filter);
    const FieldResolver resolver = [&](std::string_view name) { return metric(name); };
    if (query_.metrics) text += " AND (" + filter_sql(d_, *query_.metrics, resolver) + ")";
    auto keys = rows_.sort_keys(query_.sorts);
    keys.push_back({metric("id")});
    text += order_by(keys);
    if (query_.limit) text += " LIMIT " + std::to_string(*query_.limit);
    return text;
  }

  Field metric(std::string_view name) const {
    // "resource." would be another table's.
    auto field = name.starts_with("resource.") ? std::nullopt : metric_field(d_, name);
    if (field) return *field;
    throw Refused(Refused::Reason::invalid_value, Refused::Subject::attribute,
                  "Metrics have no " + std::string(name) + " attribute", std::string(name));
  }

  struct SelectedField {
    std::size_t column;
    FieldType type;
  };

  Connection& connection_;
  const Dialect& d_;
  const ResourceMetricQuery& query_;
  const ResourceRows rows_;
  Columns columns_;
  const MetricColumns metric_{columns_};
  std::optional<ResourceReader> resource_;
  std::vector<SelectedField> fields_;
};

}  // namespace

std::vector<ResourceMetric> SqlResources::list_metrics(const ResourceMetricQuery& query) {
  std::vector<ResourceMetric> found;
  db_.run("list metrics of resources", [&](Connection& connection, const Attempt&) {
    const ResourceType type = usable_type(connection, query.type);
    found = MetricListing(connection, query, type).read();
  });
  return found;
}

}  // namespace gnocchi::sql
