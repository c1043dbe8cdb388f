#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/archive_policy.h"
#include "gnocchi/resource.h"

/// The JSON that Gnocchi keeps in columns. Writers give what Python's json.dumps gives; readers
/// take any JSON of that meaning and throw Error{corrupt_data} for anything else.
namespace gnocchi::sql {

/// archive_policy.definition: [{"timespan": 3600.0, "granularity": 1.0, "points": 3600}].
std::string definition_json(const std::vector<ArchivePolicyItem>& definition);
std::vector<ArchivePolicyItem> parse_definition(std::string_view json);

/// archive_policy.aggregation_methods: ["count", "mean"].
std::string methods_json(const std::vector<std::string>& methods);
/// Resolves "*", "+x" and "-x", which old versions may have stored, against Gnocchi's default
/// methods; the result is sorted.
std::vector<std::string> parse_methods(std::string_view json);

/// resource_type.attributes: {"host": {"type": "string", "required": true, ...}}.
std::string attributes_json(const std::map<std::string, AttributeSpec>& attributes);
std::map<std::string, AttributeSpec> parse_attributes(std::string_view json);

}  // namespace gnocchi::sql
