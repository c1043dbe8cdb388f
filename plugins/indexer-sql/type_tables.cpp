#include "indexer-sql/type_tables.h"

#include "gnocchi/error.h"

namespace gnocchi::sql {

std::vector<std::string> create_type_tables(const Dialect& dialect, const ResourceType& type) {
  std::string attributes;
  for (const auto& [name, spec] : type.attributes) {
    attributes += dialect.attribute_column(name, spec) + ", ";
  }
  AttributeSpec id;
  id.type = AttributeType::uuid;
  const std::string& table = type.tablename;
  const std::string options = dialect.table_options();
  const std::string history = history_table(table);
  // Constraint names as Python Gnocchi makes them: the history's is cut to fit into 64 characters.
  std::vector<std::string> statements{
      "CREATE TABLE IF NOT EXISTS " + table + " (" + attributes + "id " + dialect.column_type(id) +
          " NOT NULL, PRIMARY KEY (id), CONSTRAINT fk_" + table +
          "_id_resource_id FOREIGN KEY (id) REFERENCES resource (id) ON DELETE CASCADE)" + options,
      "CREATE TABLE IF NOT EXISTS " + history + " (" + attributes +
          "revision INTEGER NOT NULL, PRIMARY KEY (revision), CONSTRAINT fk_" + table +
          "_h_revision_rh_revision FOREIGN KEY (revision)"
          " REFERENCES resource_history (revision) ON DELETE CASCADE)" +
          options};
  for (std::string& index : attribute_indexes(dialect, type))
    statements.push_back(std::move(index));
  return statements;
}

std::vector<std::string> attribute_indexes(const Dialect& dialect, const ResourceType& type) {
  std::vector<std::string> statements;
  for (const auto& [name, spec] : type.attributes) {
    std::string index = dialect.attribute_index(type.tablename, name, spec);
    if (!index.empty()) statements.push_back(std::move(index));
  }
  return statements;
}

std::vector<std::string> drop_type_tables(const Dialect& dialect, const std::string& table) {
  return {"DROP TABLE IF EXISTS " + dialect.identifier(table),
          "DROP TABLE IF EXISTS " + dialect.identifier(history_table(table))};
}

}  // namespace gnocchi::sql
