#include "gnocchi/resource.h"

#include <array>
#include <utility>

namespace gnocchi {
namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, const char*>, N>;

constexpr Names<ResourceTypeState, 7> kStates{{
    {ResourceTypeState::active, "active"},
    {ResourceTypeState::creating, "creating"},
    {ResourceTypeState::creation_error, "creation_error"},
    {ResourceTypeState::deleting, "deleting"},
    {ResourceTypeState::deletion_error, "deletion_error"},
    {ResourceTypeState::updating, "updating"},
    {ResourceTypeState::updating_error, "updating_error"},
}};

constexpr Names<AttributeType, 5> kTypes{{
    {AttributeType::string, "string"},
    {AttributeType::uuid, "uuid"},
    {AttributeType::number, "number"},
    {AttributeType::boolean, "bool"},
    {AttributeType::datetime, "datetime"},
}};

template <class Enum, std::size_t N>
const char* name_of(const Names<Enum, N>& names, Enum value) {
  for (const auto& [key, name] : names) {
    if (key == value) return name;
  }
  return "";
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [key, name] : names) {
    if (text == name) return key;
  }
  return std::nullopt;
}

}  // namespace

const char* to_string(ResourceTypeState state) noexcept { return name_of(kStates, state); }
std::optional<ResourceTypeState> parse_resource_type_state(std::string_view text) noexcept {
  return value_of(kStates, text);
}
const char* to_string(AttributeType type) noexcept { return name_of(kTypes, type); }
std::optional<AttributeType> parse_attribute_type(std::string_view text) noexcept {
  return value_of(kTypes, text);
}

}  // namespace gnocchi
