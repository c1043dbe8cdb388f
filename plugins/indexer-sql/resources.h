#pragma once

#include "gnocchi/indexer.h"
#include "indexer-sql/db.h"
#include "indexer-sql/fields.h"

namespace gnocchi::sql {

class SqlResources final : public ResourceIndex {
 public:
  explicit SqlResources(Db& db) : db_(db) {}

  std::optional<Resource> get(std::string_view type, const ResourceId& id,
                              bool with_metrics) override;
  std::vector<ResolvedId> resolve(std::span<const ResourceId> ids) override;
  std::vector<Resource> list(const ResourceQuery& query) override;
  std::vector<ResourceMetric> list_metrics(const ResourceMetricQuery& query) override;
  std::vector<std::vector<Value>> list_values(const ResourceValuesQuery& query) override;
  Resource create(const NewResource& resource) override;
  std::vector<ResourceCreation> create(std::span<const NewResource> resources) override;
  Resource update(std::string_view type, const ResourceId& id,
                  const ResourceChange& change) override;
  void remove(const ResourceId& id) override;
  std::uint64_t remove_matching(std::string_view type, const Filter& filter) override;
  std::vector<ResourceBase> list_inactive(Timestamp since, std::uint32_t limit) override;

 private:
  Resource insert(const NewResource& wanted);
  void alias_existing(const NewResource& wanted);

  Db& db_;
};

/// The resource of this type, or nullopt. `lock`: a clause of the dialect, or empty.
std::optional<Resource> read_resource(Connection& connection, const ResourceType& type,
                                      const ResourceId& id, const std::string& lock);

/// Values for columns of a type: of the attribute's own type, times in whole microseconds, every
/// attribute of the type present. Throws Refused for unknown attributes, values of other types and
/// missing required ones.
std::map<std::string, Value> complete_attributes(const ResourceType& type,
                                                 std::map<std::string, Value> values);
/// One of them.
Value fitting_value(const ResourceType& type, const std::string& name, const Value& value);

/// Attaches and makes a resource's metrics, a statement for each of the two.
/// Throws Refused{no_such_parent: metric, archive_policy; already_exists: named_metric}.
void assign_metrics(Connection& connection, const ResourceBase& resource,
                    std::span<const MetricAssignment> assignments);

/// Resolves names of a type's resources: current rows (alias r, attributes a), or, `past`,
/// revisions (alias h, attributes b).
Field resolve_resource_field(const Dialect& dialect, const ResourceType& type, bool past,
                             std::string_view name);

/// "resource r", joined with the type's table as a; "resource_history h", with b.
std::string resource_tables(const Dialect& dialect, const ResourceType& type, bool past);

}  // namespace gnocchi::sql
