#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnocchi/archive_policy.h"
#include "gnocchi/driver.h"
#include "gnocchi/error.h"
#include "gnocchi/filter.h"
#include "gnocchi/resource.h"
#include "gnocchi/types.h"

/// The index: who has which metric. Rows only; JSON, validation and rights are core's.
///
/// One transaction per method; deadlocks, lock waits and lost connections are retried inside.
/// "Refused" below names Refused{reason, subject}; anything else that fails is an Error.
/// Threads: every method may be called from many threads at once.
namespace gnocchi {

inline constexpr std::uint32_t kIndexerInterface = 2;

class GNOCCHI_API ArchivePolicyIndex {
 public:
  virtual ~ArchivePolicyIndex();
  virtual std::vector<ArchivePolicy> list() = 0;  ///< by name
  virtual std::optional<ArchivePolicy> get(std::string_view name) = 0;
  /// Refused: already_exists.
  virtual void create(const ArchivePolicy& policy) = 0;
  /// Replaces definition and back_window of an existing policy. Where that makes the back window
  /// smaller, its metrics are marked (metric.needs_raw_data_truncation) in the same transaction.
  /// Refused: no_such_parent.
  virtual void update(const ArchivePolicy& policy) = 0;
  /// Refused: no_such_parent; still_in_use (by metrics, deleted ones not yet expunged too, or
  /// rules).
  virtual void remove(std::string_view name) = 0;

  virtual std::vector<ArchivePolicyRule> list_rules() = 0;  ///< by pattern, descending, exact bytes
  virtual std::optional<ArchivePolicyRule> get_rule(std::string_view name) = 0;
  /// Refused: already_exists (archive_policy_rule), no_such_parent (archive_policy).
  virtual void create_rule(const ArchivePolicyRule& rule) = 0;
  /// Refused: no_such_parent; already_exists (the new name).
  virtual ArchivePolicyRule rename_rule(std::string_view name, std::string_view new_name) = 0;
  /// Refused: no_such_parent.
  virtual void remove_rule(std::string_view name) = 0;
};

/// An attribute to add to a resource type; `fill` is put into existing resources.
struct NewAttribute {
  std::string name;
  AttributeSpec spec;
  Value fill;
};

class GNOCCHI_API ResourceTypeIndex {
 public:
  virtual ~ResourceTypeIndex();
  virtual std::vector<ResourceType> list() = 0;  ///< by name, "generic" included
  virtual std::optional<ResourceType> get(std::string_view name) = 0;
  /// Makes the type and its tables; returns it in state active. Refused: already_exists.
  virtual ResourceType create(const ResourceType& type) = 0;
  /// Adds, changes (same type of attribute: `changed`) and removes attributes.
  /// Refused: no_such_parent; invalid_state if it is not active.
  virtual ResourceType update(std::string_view name, std::span<const NewAttribute> added,
                              const std::map<std::string, AttributeSpec>& changed,
                              std::span<const std::string> removed) = 0;
  /// Refused: no_such_parent, still_in_use ("generic" always is).
  virtual void remove(std::string_view name) = 0;
};

/// A metric to be made. `id` is chosen by core.
struct NewMetric {
  MetricId id;
  std::string archive_policy_name;
  std::optional<std::string> creator;
  std::optional<std::string> name;
  std::optional<std::string> unit;
  std::optional<ResourceId> resource_id;
};

/// A resource's metric by name: an existing one to be attached, or a new one.
struct MetricAssignment {
  std::string name;
  std::optional<MetricId> existing;
  std::optional<NewMetric> created;  ///< its resource_id is filled in by the driver
};

struct NewResource {
  ResourceId id;
  /// Another id by which it is to be found (ResourceIndex::resolve), unless that is taken. A
  /// resource of the same creator with this id counts as the same resource.
  std::optional<ResourceId> alias;
  std::string type;
  std::optional<std::string> creator;
  std::optional<std::string> user_id;
  std::optional<std::string> project_id;
  std::string original_resource_id;
  std::optional<Timestamp> started_at;  ///< nullopt: now
  std::optional<Timestamp> ended_at;
  std::map<std::string, Value> attributes;
  std::vector<MetricAssignment> metrics;
};

/// Changes to a resource; what is not set stays.
struct ResourceChange {
  std::optional<std::optional<std::string>> user_id;
  std::optional<std::optional<std::string>> project_id;
  std::optional<Timestamp> started_at;
  std::optional<std::optional<Timestamp>> ended_at;
  std::map<std::string, Value> attributes;
  std::vector<MetricAssignment> metrics;
  bool replace_metrics = false;  ///< detach metrics not named in `metrics` first
  /// Keep the row as it was as a revision, if the change alters any of it.
  bool create_revision = true;
};

/// What became of one NewResource of a bulk creation.
enum class ResourceCreation { created, already_exists };

struct ResourceQuery {
  std::string type = "generic";
  std::optional<Filter> filter;
  bool history = false;  ///< past revisions too
  bool details = false;  ///< attributes of derived types though the query is on "generic"
  bool metrics = true;   ///< with their metrics
  std::optional<std::uint32_t> limit;
  /// The row after which to go on; `marker_revision` (history only) with -1 for the current row.
  std::optional<ResourceId> marker;
  std::optional<std::int64_t> marker_revision;
  /// Ordering; the driver appends id (and revision) so that it is total.
  std::vector<Sort> sorts;
};

/// Which metrics of which resources, and what of the resources is wanted beside them.
struct ResourceMetricQuery {
  std::string type = "generic";
  std::optional<Filter> filter;     ///< on resources
  bool history = false;             ///< past revisions too: the metrics once for each
  std::optional<Filter> metrics;    ///< on their active metrics: fields of metrics, but "resource."
  bool with_resource = false;       ///< fill Metric::resource
  std::vector<std::string> fields;  ///< of the resource, as in filters
  /// Ordering by fields of the resource; the driver appends its id, revision and the metric's id.
  std::vector<Sort> sorts;
  std::optional<std::uint32_t> limit;  ///< of rows
};

/// A metric of a resource that was searched for.
struct ResourceMetric {
  Metric metric;              ///< resource_id is filled in
  std::vector<Value> values;  ///< of the query's fields
};

/// Which values resources have.
struct ResourceValuesQuery {
  std::string type = "generic";
  std::optional<Filter> filter;
  std::vector<std::string> fields;     ///< as in filters; at least one
  std::vector<Sort> sorts;             ///< by some of the fields
  std::optional<std::uint32_t> limit;  ///< of combinations
};

/// What an id stands for: a resource of this id, or one that has it as an alias.
struct ResolvedId {
  ResourceId asked;
  ResourceId stored;  ///< equal to `asked` where that is a resource's own id
  bool operator==(const ResolvedId&) const = default;
};

class GNOCCHI_API ResourceIndex {
 public:
  virtual ~ResourceIndex();
  virtual std::optional<Resource> get(std::string_view type, const ResourceId& id,
                                      bool with_metrics) = 0;
  /// What the ids stand for, each once and in no order; unknown ones are left out. A resource's own
  /// id comes before an alias. One query for any number of ids.
  virtual std::vector<ResolvedId> resolve(std::span<const ResourceId> ids) = 0;
  /// Refused: invalid_value (pagination: unknown marker or sort key; attribute: unknown field),
  /// no_such_parent (resource_type).
  virtual std::vector<Resource> list(const ResourceQuery& query) = 0;
  /// The metrics of the resources that match, in one query. Refused: as list().
  virtual std::vector<ResourceMetric> list_metrics(const ResourceMetricQuery& query) = 0;
  /// The combinations of values that the fields of the resources that match have, each once (texts
  /// compared byte for byte), in one query. Refused: as list().
  virtual std::vector<std::vector<Value>> list_values(const ResourceValuesQuery& query) = 0;
  /// Refused: already_exists (resource; named_metric), no_such_parent (archive_policy, metric,
  /// resource_type), invalid_value (start after end). A resource that exists already and has the
  /// same creator gets the alias, if it has it not yet.
  virtual Resource create(const NewResource& resource) = 0;
  /// Many of one type at once, without metrics and aliases, each for itself; one entry per
  /// resource, in order. An id must not come twice. Refused: no_such_parent, invalid_state
  /// (resource_type), invalid_value (attribute).
  virtual std::vector<ResourceCreation> create(std::span<const NewResource> resources) = 0;
  /// The resource after the change, with metrics. Refused: no_such_parent (resource, metric,
  /// archive_policy), already_exists (named_metric), invalid_value (start after end).
  virtual Resource update(std::string_view type, const ResourceId& id,
                          const ResourceChange& change) = 0;
  /// Its metrics become `deleted`. Refused: no_such_parent.
  virtual void remove(const ResourceId& id) = 0;
  /// Removes all resources of the type that match; returns how many.
  virtual std::uint64_t remove_matching(std::string_view type, const Filter& filter) = 0;
  /// Up to `limit` resources that have not ended and have metrics, none of which was touched
  /// (MetricIndex::touch; or made) since. By id.
  virtual std::vector<ResourceBase> list_inactive(Timestamp since, std::uint32_t limit) = 0;
};

struct MetricQuery {
  std::optional<Filter> filter;
  MetricStatus status = MetricStatus::active;
  bool with_resource = false;     ///< fill Metric::resource
  bool needs_truncation = false;  ///< only those marked by ArchivePolicyIndex::update
  std::optional<std::uint32_t> limit;
  std::optional<MetricId> marker;
  std::vector<Sort> sorts;  ///< the driver appends id
};

/// A metric as clients of the batch endpoints name it.
struct NamedMetric {
  ResourceId resource;
  std::string name;
  bool operator==(const NamedMetric&) const = default;
};

/// What became of one NewMetric of a bulk creation.
enum class MetricCreation { created, name_taken, no_such_resource, no_such_archive_policy };

class GNOCCHI_API MetricIndex {
 public:
  virtual ~MetricIndex();
  /// Refused: invalid_value (pagination).
  virtual std::vector<Metric> list(const MetricQuery& query) = 0;
  /// Active metrics, in no order; unknown ids are left out. One query for any number of ids.
  virtual std::vector<Metric> get(std::span<const MetricId> ids, bool with_resource) = 0;
  /// Active metrics of these names; unknown ones are left out. One query for any number.
  virtual std::vector<Metric> get_named(std::span<const NamedMetric> names, bool with_resource) = 0;
  /// Refused: no_such_parent (archive_policy, resource), already_exists (named_metric).
  virtual Metric create(const NewMetric& metric) = 0;
  /// Many at once, each for itself; one entry per metric, in order.
  virtual std::vector<MetricCreation> create(std::span<const NewMetric> metrics) = 0;
  /// Marks as deleted; its name is free at once. Refused: no_such_parent.
  virtual void mark_deleted(const MetricId& id) = 0;
  /// Removes the rows of metrics marked as deleted; others are left alone.
  virtual void expunge(std::span<const MetricId> ids) = 0;
  /// Notes when measures of these metrics were last processed (metric.last_measure_timestamp); what
  /// was noted less than `slack` before is left as it is, and a call that finds nothing older
  /// writes nothing.
  virtual void touch(std::span<const MetricId> ids, Timestamp now, Timespan slack) = 0;
  /// Takes the marks of ArchivePolicyIndex::update from these metrics of the policy, unless its
  /// back window is another one by now.
  virtual void unmark_truncated(std::span<const MetricId> ids, const ArchivePolicy& policy) = 0;
};

class GNOCCHI_API IndexerDriver : public Driver {
 public:
  /// Creates the schema, or brings one that Gnocchi 4.4 or later made to the head of 4.7.
  /// Idempotent. Throws Error{invalid_config} for a schema it does not know.
  virtual void upgrade() = 0;

  virtual ArchivePolicyIndex& archive_policies() = 0;
  virtual ResourceTypeIndex& resource_types() = 0;
  virtual ResourceIndex& resources() = 0;
  virtual MetricIndex& metrics() = 0;
};

}  // namespace gnocchi
