#pragma once

#include "gnocchi/indexer.h"
#include "indexer-sql/db.h"

namespace gnocchi::sql {

inline constexpr char kGeneric[] = "generic";

/// The row of a type; `lock`: a clause of the dialect, or empty.
std::optional<ResourceType> find_type(Connection& connection, std::string_view name,
                                      const std::string& lock = {});
/// The same for a type whose resources are to be used. "generic" costs no query.
/// Throws Refused{no_such_parent or invalid_state, resource_type}.
ResourceType usable_type(Connection& connection, std::string_view name,
                         const std::string& lock = {});
/// Those of the types, or all, that are active, in one query.
std::vector<ResourceType> active_types(Connection& connection);
std::vector<ResourceType> active_types(Connection& connection,
                                       const std::vector<std::string>& names);

/// Resource types and their tables.
///
/// Where definitions are not transactional (MySQL), a type shows in its state that tables are
/// being made, changed or dropped; a failure halfway leaves it in an error state. Changes compare
/// with the columns that are there, so that they can be run again.
class SqlResourceTypes final : public ResourceTypeIndex {
 public:
  /// `patient`: runs what changes tables.
  SqlResourceTypes(Db& db, Db& patient) : db_(db), patient_(patient) {}

  std::vector<ResourceType> list() override;
  std::optional<ResourceType> get(std::string_view name) override;
  ResourceType create(const ResourceType& type) override;
  ResourceType update(std::string_view name, std::span<const NewAttribute> added,
                      const std::map<std::string, AttributeSpec>& changed,
                      std::span<const std::string> removed) override;
  void remove(std::string_view name) override;

 private:
  struct Change {
    std::span<const NewAttribute> added;
    const std::map<std::string, AttributeSpec>& changed;
    std::span<const std::string> removed;
  };

  /// Runs steps in one transaction if the database can do that, else each for itself.
  void steps(const char* what, std::span<const Db::Work> works,
             const std::function<void()>& on_failure);
  void insert(Connection& connection, const Attempt& attempt, const ResourceType& type);
  void set_state(Connection& connection, std::string_view name, ResourceTypeState state);
  void begin_update(Connection& connection, const Attempt& attempt, std::string_view name,
                    const Change& change, ResourceType& type);
  void alter(Connection& connection, const std::string& table, const Change& change);
  void index(Connection& connection, const std::string& table, std::span<const NewAttribute> added);
  void begin_removal(Connection& connection, const Attempt& attempt, std::string_view name,
                     ResourceType& type);

  Db& db_;
  Db& patient_;
};

}  // namespace gnocchi::sql
