#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

/// Looking into JSON of which nothing is taken for granted. For .cpp files only.
namespace gnocchi::keystone {

inline rapidjson::Document parse_json(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  return document;
}

/// Null: `object` is no object, or has no such member.
inline const rapidjson::Value* member(const rapidjson::Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

inline std::string_view text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// "" where there is no such member, or it is no string.
inline std::string_view text_member(const rapidjson::Value& object, const char* name) {
  const rapidjson::Value* value = member(object, name);
  return value != nullptr && value->IsString() ? text_of(*value) : std::string_view{};
}

/// Null unless it is a list.
inline const rapidjson::Value* list_member(const rapidjson::Value& object, const char* name) {
  const rapidjson::Value* value = member(object, name);
  return value != nullptr && value->IsArray() ? value : nullptr;
}

}  // namespace gnocchi::keystone
