// The different values that resources have.
#include "indexer-sql/paginate.h"
#include "indexer-sql/resource_rows.h"
#include "indexer-sql/resource_types.h"
#include "indexer-sql/resources.h"

namespace gnocchi::sql {
namespace {

class CombinationListing {
 public:
  CombinationListing(Connection& connection, const ResourceValuesQuery& query,
                     const ResourceType& type)
      : connection_(connection), d_(connection.dialect()), query_(query), rows_(d_, type, false) {
    for (const std::string& name : query.fields) {
      fields_.push_back(rows_.resolve(name));
      positions_.push_back(add_field(columns_, d_, fields_.back()));
    }
  }

  std::vector<std::vector<Value>> read() {
    std::vector<std::vector<Value>> found;
    connection_.query(statement(), columns_.kinds(), [&](const Row& row) {
      auto& values = found.emplace_back();
      values.reserve(fields_.size());
      for (std::size_t i = 0; i < fields_.size(); ++i) {
        values.push_back(field_value(row, positions_[i], fields_[i].type));
      }
    });
    return found;
  }

 private:
  // Grouped rather than distinct: MySQL takes texts for equal that are not.
  std::string statement() const {
    std::string text = "SELECT " + columns_.sql() + " FROM " + rows_.tables(query_.filter) +
                       " WHERE " + rows_.condition(query_.filter) + " GROUP BY ";
    const char* separator = "";
    for (const Field& field : fields_) {
      text += separator + field.sql;
      if (field.type == FieldType::text) text += ", " + d_.exact(field.sql);
      separator = ", ";
    }
    text += order_by(
        sort_keys(query_.sorts, {}, [this](std::string_view name) { return rows_.resolve(name); }));
    if (query_.limit) text += " LIMIT " + std::to_string(*query_.limit);
    return text;
  }

  Connection& connection_;
  const Dialect& d_;
  const ResourceValuesQuery& query_;
  const ResourceRows rows_;
  Columns columns_;
  std::vector<Field> fields_;
  std::vector<std::size_t> positions_;
};

}  // namespace

std::vector<std::vector<Value>> SqlResources::list_values(const ResourceValuesQuery& query) {
  std::vector<std::vector<Value>> found;
  db_.run("list values of resources", [&](Connection& connection, const Attempt&) {
    const ResourceType type = usable_type(connection, query.type);
    found = CombinationListing(connection, query, type).read();
  });
  return found;
}

}  // namespace gnocchi::sql
