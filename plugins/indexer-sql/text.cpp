#include "indexer-sql/text.h"

namespace gnocchi::sql {

using Reason = Refused::Reason;
using Subject = Refused::Subject;

Dialect::~Dialect() = default;

std::string Dialect::attribute_index(std::string_view /*table*/, std::string_view /*name*/,
                                     const AttributeSpec& /*spec*/) const {
  return {};
}

std::string Dialect::common(std::string_view /*condition*/) const { return {}; }

std::string blob_literal(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "x'";
  out.reserve(bytes.size() * 2 + 3);
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  out += '\'';
  return out;
}

Refused no_such_archive_policy(std::string_view name) {
  return {Reason::no_such_parent, Subject::archive_policy,
          "Archive policy " + std::string(name) + " does not exist", std::string(name)};
}

Refused no_such_rule(std::string_view name) {
  return {Reason::no_such_parent, Subject::archive_policy_rule,
          "Archive policy rule " + std::string(name) + " does not exist", std::string(name)};
}

Refused no_such_resource_type(std::string_view name) {
  return {Reason::no_such_parent, Subject::resource_type,
          "Resource type " + std::string(name) + " does not exist", std::string(name)};
}

Refused no_such_resource(const Uuid& id) {
  return {Reason::no_such_parent, Subject::resource,
          "Resource " + id.to_string() + " does not exist", id.to_string()};
}

Refused no_such_metric(const Uuid& id) {
  return {Reason::no_such_parent, Subject::metric, "Metric " + id.to_string() + " does not exist",
          id.to_string()};
}

Refused named_metric_exists(std::string_view name) {
  return {Reason::already_exists, Subject::named_metric,
          "Named metric " + std::string(name) + " already exists", std::string(name)};
}

Refused bad_pagination(const std::string& reason) {
  return {Reason::invalid_value, Subject::pagination, "Invalid pagination: `" + reason + "'",
          reason};
}

Refused no_such_attribute(std::string_view type, std::string_view name) {
  return {Reason::invalid_value, Subject::attribute,
          "Resource type " + std::string(type) + " has no " + std::string(name) + " attribute",
          std::string(name)};
}

}  // namespace gnocchi::sql
