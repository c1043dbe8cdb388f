#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gnocchi/export.h"
#include "gnocchi/types.h"

namespace gnocchi {

enum class AttributeType { string, uuid, number, boolean, datetime };

/// The description of one attribute of a resource type.
struct AttributeSpec {
  AttributeType type = AttributeType::string;
  bool required = true;
  std::optional<std::uint32_t> min_length, max_length;  ///< string: characters
  std::optional<double> min, max;                       ///< number
  bool operator==(const AttributeSpec&) const = default;
};

enum class ResourceTypeState {
  active,
  creating,
  creation_error,
  deleting,
  deletion_error,
  updating,
  updating_error,
};

struct ResourceType {
  std::string name;
  std::string tablename;  ///< "generic", or "rt_<hex>"; the driver chooses it at creation
  ResourceTypeState state = ResourceTypeState::creating;
  std::map<std::string, AttributeSpec> attributes;
};

enum class MetricStatus { active, deleted };

/// The parts of a resource that all types share.
struct ResourceBase {
  ResourceId id;
  std::string type;
  std::optional<std::string> creator;
  std::optional<std::string> user_id;
  std::optional<std::string> project_id;
  std::optional<std::string> original_resource_id;
  Timestamp started_at{};
  std::optional<Timestamp> ended_at;
  Timestamp revision_start{};
  std::optional<Timestamp> revision_end;  ///< set in revisions that are history
  std::optional<std::int64_t>
      revision;  ///< history rows: its number; current row: -1 in lists with history
};

struct Metric {
  MetricId id;
  std::string archive_policy_name;
  std::optional<std::string> creator;
  std::optional<std::string> name;
  std::optional<std::string> unit;
  std::optional<ResourceId> resource_id;
  MetricStatus status = MetricStatus::active;
  /// The resource's shared part, where the query asked for it: policy rules look at it.
  std::optional<ResourceBase> resource;
};

struct Resource : ResourceBase {
  std::map<std::string, Value> attributes;  ///< of its type; absent ones are monostate
  std::vector<Metric> metrics;              ///< active, sorted by name; where asked for
};

/// "active", "creation_error", ...
GNOCCHI_API const char* to_string(ResourceTypeState state) noexcept;
GNOCCHI_API std::optional<ResourceTypeState> parse_resource_type_state(
    std::string_view text) noexcept;
/// "string", "uuid", "number", "bool", "datetime".
GNOCCHI_API const char* to_string(AttributeType type) noexcept;
GNOCCHI_API std::optional<AttributeType> parse_attribute_type(std::string_view text) noexcept;

}  // namespace gnocchi
