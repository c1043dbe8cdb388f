#include "core/index/legacy_types.h"

#include <initializer_list>
#include <utility>

namespace gnocchi::index {
namespace {

using Attribute = std::pair<const char*, AttributeSpec>;

Attribute text(const char* name, bool required) {
  AttributeSpec spec;
  spec.type = AttributeType::string;
  spec.required = required;
  spec.min_length = 0;
  spec.max_length = 255;
  return {name, spec};
}

Attribute uuid(const char* name) {
  AttributeSpec spec;
  spec.type = AttributeType::uuid;
  return {name, spec};
}

ResourceType type(const char* name, std::initializer_list<Attribute> attributes = {}) {
  ResourceType made;
  made.name = name;
  for (const Attribute& attribute : attributes) made.attributes.insert(attribute);
  return made;
}

constexpr bool kRequired = true;
constexpr bool kOptional = false;

}  // namespace

std::vector<ResourceType> legacy_resource_types() {
  return {
      type("image", {text("name", kRequired), text("container_format", kRequired),
                     text("disk_format", kRequired)}),
      type("instance",
           {text("flavor_id", kRequired), text("image_ref", kOptional), text("host", kRequired),
            text("display_name", kRequired), text("server_group", kOptional)}),
      type("instance_disk", {text("name", kRequired), uuid("instance_id")}),
      type("instance_network_interface", {text("name", kRequired), uuid("instance_id")}),
      type("volume", {text("display_name", kOptional)}),
      type("swift_account"),
      type("ceph_account"),
      type("network"),
      type("identity"),
      type("ipmi"),
      type("stack"),
      type("host", {text("host_name", kRequired)}),
      type("host_network_interface",
           {text("host_name", kRequired), text("device_name", kOptional)}),
      type("host_disk", {text("host_name", kRequired), text("device_name", kOptional)}),
  };
}

}  // namespace gnocchi::index
