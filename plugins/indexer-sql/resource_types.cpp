#include "indexer-sql/resource_types.h"

#include <algorithm>

#include "indexer-sql/fields.h"
#include "indexer-sql/json_columns.h"
#include "indexer-sql/text.h"
#include "indexer-sql/type_tables.h"

namespace gnocchi::sql {
namespace {

using Kind = Failure::Kind;
using Reason = Refused::Reason;
using State = ResourceTypeState;
using Subject = Refused::Subject;

constexpr ColumnKind kKinds[] = {ColumnKind::text, ColumnKind::text, ColumnKind::text,
                                 ColumnKind::text};

std::vector<ResourceType> read(Connection& connection, const std::string& clauses) {
  std::vector<ResourceType> types;
  connection.query("SELECT name, tablename, attributes, state FROM resource_type" + clauses, kKinds,
                   [&](const Row& row) {
                     ResourceType type;
                     type.name = row.text(0);
                     type.tablename = row.text(1);
                     if (!row.null(2)) type.attributes = parse_attributes(row.text(2));
                     const auto state = parse_resource_type_state(row.text(3));
                     if (!state) {
                       throw Error(Error::Code::corrupt_data, "index: resource type " + type.name +
                                                                  " in state " +
                                                                  std::string(row.text(3)));
                     }
                     type.state = *state;
                     types.push_back(std::move(type));
                   });
  return types;
}

Refused in_state(const ResourceType& type, const std::string& expected) {
  return {Reason::invalid_state, Subject::resource_type,
          "Resource type " + type.name + " state is " + to_string(type.state) +
              " (expected: " + expected + ")",
          type.name};
}

Refused bad_attribute(const std::string& name, const std::string& why) {
  return {Reason::invalid_value, Subject::attribute,
          "Resource attribute " + name + " cannot be stored: " + why, name};
}

/// What SOCI cannot pass: it takes a ':' outside of quoted text for a parameter.
void check_name(const std::string& name) {
  if (name.empty() || name.find_first_of(std::string_view(":\0", 2)) != std::string::npos) {
    throw bad_attribute(name, "its name holds a character that the index does not take");
  }
}

std::string table_name() {
  std::string hex = Uuid::random().to_string();
  hex.erase(std::remove(hex.begin(), hex.end(), '-'), hex.end());
  return "rt_" + hex;
}

}  // namespace

std::optional<ResourceType> find_type(Connection& connection, std::string_view name,
                                      const std::string& lock) {
  auto types = read(connection, " WHERE name = " + connection.dialect().text(name) + lock);
  if (types.empty()) return std::nullopt;
  return std::move(types.front());
}

ResourceType usable_type(Connection& connection, std::string_view name, const std::string& lock) {
  if (name == kGeneric) return {kGeneric, kGeneric, State::active, {}};
  auto type = find_type(connection, name, lock);
  if (!type) throw no_such_resource_type(name);
  if (type->state != State::active) throw in_state(*type, "active");
  return std::move(*type);
}

std::vector<ResourceType> active_types(Connection& connection) {
  return read(connection, " WHERE state = 'active'");
}

std::vector<ResourceType> active_types(Connection& connection,
                                       const std::vector<std::string>& names) {
  if (names.empty()) return {};
  const Dialect& d = connection.dialect();
  return read(connection, " WHERE state = 'active' AND name IN (" +
                              joined(names, [&](const auto& n) { return d.text(n); }) + ")");
}

std::vector<ResourceType> SqlResourceTypes::list() {
  std::vector<ResourceType> types;
  db_.run("list resource types",
          [&](Connection& connection, const Attempt&) { types = read(connection, {}); });
  std::sort(types.begin(), types.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return types;
}

std::optional<ResourceType> SqlResourceTypes::get(std::string_view name) {
  std::optional<ResourceType> type;
  db_.run("get resource type",
          [&](Connection& connection, const Attempt&) { type = find_type(connection, name); });
  return type;
}

void SqlResourceTypes::steps(const char* what, std::span<const Db::Work> works,
                             const std::function<void()>& on_failure) {
  if (db_.dialect().transactional_ddl()) {
    return patient_.transaction(what, [&](Connection& connection, const Attempt& attempt) {
      for (const Db::Work& work : works) work(connection, attempt);
    });
  }
  db_.transaction(what, works.front());
  try {
    for (const Db::Work& work : works.subspan(1)) patient_.write(what, work);
  } catch (...) {
    try {
      on_failure();
    } catch (const std::exception& error) {
      db_.log().error(std::string("index: ") + what + ": note the failure: " + error.what());
    }
    throw;
  }
}

void SqlResourceTypes::insert(Connection& connection, const Attempt& attempt,
                              const ResourceType& type) {
  const Dialect& d = connection.dialect();
  try {
    connection.execute(
        "INSERT INTO resource_type (name, tablename, attributes, state, updated_at) VALUES (" +
        d.text(type.name) + ", " + d.text(type.tablename) + ", " +
        d.text(attributes_json(type.attributes)) + ", " + d.text(to_string(type.state)) + ", " +
        d.timestamp(now_us()) + ")");
  } catch (const SqlError& error) {
    if (error.kind() != Kind::duplicate) throw;
    if (attempt.maybe_done) {
      const auto stored = find_type(connection, type.name);
      if (stored && stored->tablename == type.tablename) return;
    }
    throw Refused(Reason::already_exists, Subject::resource_type,
                  "Resource type " + type.name + " already exists", type.name);
  }
}

void SqlResourceTypes::set_state(Connection& connection, std::string_view name, State state) {
  const Dialect& d = connection.dialect();
  connection.execute("UPDATE resource_type SET state = " + d.text(to_string(state)) +
                     " WHERE name = " + d.text(name));
}

ResourceType SqlResourceTypes::create(const ResourceType& wanted) {
  ResourceType type = wanted;
  type.tablename = table_name();
  type.state = State::creating;
  for (const auto& [name, spec] : type.attributes) check_name(name);
  const Db::Work works[] = {
      [&](Connection& connection, const Attempt& attempt) { insert(connection, attempt, type); },
      [&](Connection& connection, const Attempt&) {
        for (const std::string& statement : create_type_tables(db_.dialect(), type)) {
          try {
            connection.execute(statement);
          } catch (const SqlError& error) {
            if (error.kind() != Kind::bad_value) throw;
            throw Refused(Reason::invalid_value, Subject::resource_type,
                          "Resource type " + type.name + " cannot be stored: " + error.reason(),
                          type.name);
          }
        }
      },
      [&](Connection& connection, const Attempt&) {
        set_state(connection, type.name, State::active);
      },
  };
  steps("create resource type", works, [&] {
    db_.write("create resource type", [&](Connection& connection, const Attempt&) {
      set_state(connection, type.name, State::creation_error);
    });
  });
  type.state = State::active;
  return type;
}

void SqlResourceTypes::begin_update(Connection& connection, const Attempt& attempt,
                                    std::string_view name, const Change& change,
                                    ResourceType& type) {
  const Dialect& d = connection.dialect();
  auto stored = find_type(connection, name, d.for_update());
  if (!stored) throw no_such_resource_type(name);
  const bool ours = attempt.maybe_done && stored->state == State::updating;
  if (stored->state != State::active && !ours) throw in_state(*stored, "active");
  for (const NewAttribute& attribute : change.added) {
    check_name(attribute.name);
    if (stored->attributes.contains(attribute.name)) {
      throw bad_attribute(attribute.name, "there is one already");
    }
  }
  for (const std::string& attribute : change.removed) {
    if (!stored->attributes.contains(attribute)) throw no_such_attribute(name, attribute);
  }
  for (const auto& [attribute, spec] : change.changed) {
    const auto known = stored->attributes.find(attribute);
    if (known == stored->attributes.end()) throw no_such_attribute(name, attribute);
    if (known->second.type != spec.type) throw bad_attribute(attribute, "its type cannot change");
    if (spec.required && !known->second.required &&
        connection.exists("SELECT 'x' FROM " + d.identifier(stored->tablename) + " WHERE " +
                          d.identifier(attribute) + " IS NULL LIMIT 1")) {
      throw bad_attribute(attribute, "resources without it exist, so it cannot become required");
    }
  }
  set_state(connection, name, State::updating);
  type = std::move(*stored);
}

void SqlResourceTypes::alter(Connection& connection, const std::string& table,
                             const Change& change) {
  const Dialect& d = connection.dialect();
  std::vector<std::string> present;
  const ColumnKind kinds[] = {ColumnKind::text};
  connection.query(d.columns_query(table), kinds,
                   [&](const Row& row) { present.emplace_back(row.text(0)); });
  const auto has = [&](const std::string& name) {
    return std::find(present.begin(), present.end(), name) != present.end();
  };
  std::vector<Dialect::ColumnChange> added, changed;
  std::vector<std::string> removed;
  for (const NewAttribute& attribute : change.added) {
    if (has(attribute.name)) continue;
    added.push_back({attribute.name, attribute.spec,
                     literal(d, field_type(attribute.spec.type), attribute.fill)});
  }
  for (const auto& [name, spec] : change.changed) changed.push_back({name, spec, "NULL"});
  std::copy_if(change.removed.begin(), change.removed.end(), std::back_inserter(removed), has);
  for (const std::string& statement : d.alter_table(table, added, changed, removed)) {
    try {
      connection.execute(statement);
    } catch (const SqlError& error) {
      if (error.kind() != Kind::bad_value) throw;
      throw Refused(Reason::invalid_value, Subject::resource_type,
                    "the resource type cannot be changed so: " + error.reason());
    }
  }
}

void SqlResourceTypes::index(Connection& connection, const std::string& table,
                             std::span<const NewAttribute> added) {
  for (const NewAttribute& attribute : added) {
    const std::string statement =
        connection.dialect().attribute_index(table, attribute.name, attribute.spec);
    if (!statement.empty()) connection.execute(statement);
  }
}

ResourceType SqlResourceTypes::update(std::string_view name, std::span<const NewAttribute> added,
                                      const std::map<std::string, AttributeSpec>& changed,
                                      std::span<const std::string> removed) {
  const Change change{added, changed, removed};
  ResourceType type;
  bool altered = false;
  const Db::Work works[] = {
      [&](Connection& connection, const Attempt& attempt) {
        begin_update(connection, attempt, name, change, type);
      },
      [&](Connection& connection, const Attempt&) {
        alter(connection, type.tablename, change);
        index(connection, type.tablename, added);
        altered = true;
      },
      [&](Connection& connection, const Attempt&) {
        alter(connection, history_table(type.tablename), change);
      },
      [&](Connection& connection, const Attempt&) {
        for (const std::string& gone : removed) type.attributes.erase(gone);
        for (const auto& [key, spec] : changed) type.attributes[key] = spec;
        for (const NewAttribute& attribute : added)
          type.attributes[attribute.name] = attribute.spec;
        const Dialect& d = connection.dialect();
        connection.execute("UPDATE resource_type SET state = 'active', attributes = " +
                           d.text(attributes_json(type.attributes)) + ", updated_at = " +
                           d.timestamp(now_us()) + " WHERE name = " + d.text(name));
      },
  };
  steps("update resource type", works, [&] {
    db_.write("update resource type", [&](Connection& connection, const Attempt&) {
      set_state(connection, name, altered ? State::updating_error : State::active);
    });
  });
  type.state = State::active;
  return type;
}

void SqlResourceTypes::begin_removal(Connection& connection, const Attempt& attempt,
                                     std::string_view name, ResourceType& type) {
  const Dialect& d = connection.dialect();
  auto stored = find_type(connection, name, d.for_update());
  if (!stored) throw no_such_resource_type(name);
  const bool ours = attempt.maybe_done && stored->state == State::deleting;
  if (stored->state != State::active && stored->state != State::deletion_error &&
      stored->state != State::creation_error && stored->state != State::updating_error && !ours) {
    throw in_state(*stored, "active/deletion_error/creation_error/updating_error");
  }
  type = std::move(*stored);
  // Taken out and put in again: the foreign keys tell whether resources use it, and the name stays
  // taken while the tables go.
  try {
    connection.execute("DELETE FROM resource_type WHERE name = " + d.text(name));
  } catch (const SqlError& error) {
    if (error.kind() != Kind::still_referenced && error.kind() != Kind::no_parent) throw;
    throw Refused(Reason::still_in_use, Subject::resource_type,
                  "Resource type " + std::string(name) + " is still in use", std::string(name));
  }
  type.state = State::deleting;
  insert(connection, {}, type);
}

void SqlResourceTypes::remove(std::string_view name) {
  if (name == kGeneric) {
    throw Refused(Reason::still_in_use, Subject::resource_type,
                  "Resource type generic is still in use", kGeneric);
  }
  ResourceType type;
  const Db::Work works[] = {
      [&](Connection& connection, const Attempt& attempt) {
        begin_removal(connection, attempt, name, type);
      },
      [&](Connection& connection, const Attempt&) {
        for (const std::string& statement : drop_type_tables(db_.dialect(), type.tablename)) {
          connection.execute(statement);
        }
      },
      [&](Connection& connection, const Attempt&) {
        connection.execute("DELETE FROM resource_type WHERE name = " + db_.dialect().text(name));
      },
  };
  steps("delete resource type", works, [&] {
    db_.write("delete resource type", [&](Connection& connection, const Attempt&) {
      set_state(connection, name, State::deletion_error);
    });
  });
}

}  // namespace gnocchi::sql
