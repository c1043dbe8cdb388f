#include "token.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

#include <algorithm>
#include <array>

#include "json.h"

namespace gnocchi::keystone {
namespace {

using rapidjson::Value;

bool has_shape_of_time(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  return text.size() > kShape.size() &&
         std::equal(kShape.begin(), kShape.end(), text.begin(), [](char wanted, char c) {
           return wanted == '0' ? c >= '0' && c <= '9' : c == wanted;
         });
}

void add(Identity& who, const char* name, std::string_view value) {
  if (!value.empty()) who.attributes.emplace_back(name, value);
}

std::optional<std::string> set_or_nothing(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

/// "id" and "name" of `of`, and of its domain, under the names that oslo.policy's rules use.
void read_domain_of(const Value& of, const char* id, const char* name, Identity& who) {
  if (const Value* domain = member(of, "domain")) {
    add(who, id, text_member(*domain, "id"));
    add(who, name, text_member(*domain, "name"));
  }
}

void read_user(const Value& user, Identity& who) {
  who.user_id = set_or_nothing(text_member(user, "id"));
  add(who, "user_name", text_member(user, "name"));
  read_domain_of(user, "user_domain_id", "user_domain_name", who);
}

void read_scope(const Value& token, Identity& who) {
  if (const Value* project = member(token, "project")) {
    who.project_id = set_or_nothing(text_member(*project, "id"));
    add(who, "project_name", text_member(*project, "name"));
    read_domain_of(*project, "project_domain_id", "project_domain_name", who);
  }
  if (const Value* domain = member(token, "domain")) {
    who.domain_id = set_or_nothing(text_member(*domain, "id"));
    add(who, "domain_name", text_member(*domain, "name"));
  }
  if (const Value* system = member(token, "system")) {
    const Value* all = member(*system, "all");
    if (all != nullptr && all->IsBool() && all->GetBool()) add(who, "system_scope", "all");
  }
  // Keystones without an admin project say nothing, and then every project may be it.
  const Value* admin = member(token, "is_admin_project");
  const bool not_admin = admin != nullptr && admin->IsBool() && !admin->GetBool();
  add(who, "is_admin_project", not_admin ? "False" : "True");
}

void read_roles(const Value& token, Identity& who) {
  const Value* roles = list_member(token, "roles");
  if (roles == nullptr) return;
  for (const Value& role : roles->GetArray()) {
    if (const auto name = text_member(role, "name"); !name.empty()) who.roles.emplace_back(name);
  }
}

void read_access_rules(const Value& token, Token& result) {
  const Value* credential = member(token, "application_credential");
  const Value* rules = credential == nullptr ? nullptr : member(*credential, "access_rules");
  if (rules == nullptr || rules->IsNull()) return;
  result.access_rules.emplace();  // no list at all allows nothing
  if (rules->IsArray()) {
    for (const Value& rule : rules->GetArray()) {
      result.access_rules->push_back({std::string(text_member(rule, "method")),
                                      std::string(text_member(rule, "path")),
                                      std::string(text_member(rule, "service"))});
    }
  }
  const Value* catalog = list_member(token, "catalog");
  if (catalog == nullptr) return;
  result.catalog_types.emplace();
  for (const Value& service : catalog->GetArray()) {
    result.catalog_types->emplace_back(text_member(service, "type"));
  }
}

void read_bindings(const Value& token, Token& result) {
  const Value* bind = member(token, "bind");
  if (bind == nullptr || !bind->IsObject()) return;
  for (const auto& one : bind->GetObject()) result.bindings.emplace_back(text_of(one.name));
}

}  // namespace

std::optional<std::chrono::system_clock::time_point> parse_time(std::string_view text) {
  Poco::DateTime when;
  int zone = 0;  // seconds
  // Poco's parser finds a time in any text.
  if (!has_shape_of_time(text) ||
      !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::ISO8601_FRAC_FORMAT, std::string(text),
                                      when, zone)) {
    return std::nullopt;
  }
  when.makeUTC(zone);
  return std::chrono::system_clock::time_point(
      std::chrono::microseconds(when.timestamp().epochMicroseconds()));
}

TokenPtr parse_token(std::string_view json) {
  const auto document = parse_json(json);
  const Value* token = document.HasParseError() ? nullptr : member(document, "token");
  const Value* user = token == nullptr ? nullptr : member(*token, "user");
  if (user == nullptr) return nullptr;
  auto result = std::make_shared<Token>();
  const auto expires = parse_time(text_member(*token, "expires_at"));
  Identity& who = result->identity;
  read_user(*user, who);
  if (!expires || !who.user_id) return nullptr;
  result->expires_at = *expires;
  read_scope(*token, who);
  read_roles(*token, who);
  read_access_rules(*token, *result);
  read_bindings(*token, *result);
  who.creator = *who.user_id + ":" + who.project_id.value_or("");
  return result;
}

std::vector<std::pair<std::string, std::string>> service_attributes(const Token& token) {
  constexpr std::array<std::string_view, 2> kPassedOn{"user_domain_id", "project_domain_id"};
  std::vector<std::pair<std::string, std::string>> attributes;
  const Identity& service = token.identity;
  if (service.user_id) attributes.emplace_back("service_user_id", *service.user_id);
  if (service.project_id) attributes.emplace_back("service_project_id", *service.project_id);
  for (const auto& [name, value] : service.attributes) {
    for (const std::string_view passed_on : kPassedOn) {
      if (name == passed_on) attributes.emplace_back("service_" + name, value);
    }
  }
  for (const std::string& role : service.roles) attributes.emplace_back("service_roles", role);
  return attributes;
}

}  // namespace gnocchi::keystone
