#include "login.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace gnocchi::keystone {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void text(Writer& json, const char* name, const std::string& value) {
  json.Key(name);
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

/// {"id": ...}, or {"name": ..., "domain": {...}} with a domain of that kind.
void named(Writer& json, const char* what, const std::string& id, const std::string& name,
           const std::string& domain_id, const std::string& domain_name) {
  json.Key(what);
  json.StartObject();
  if (!id.empty()) {
    text(json, "id", id);
  } else {
    text(json, "name", name);
    json.Key("domain");
    json.StartObject();
    domain_id.empty() ? text(json, "name", domain_name) : text(json, "id", domain_id);
    json.EndObject();
  }
  json.EndObject();
}

void password_identity(Writer& json, const ServiceUser& user) {
  json.Key("methods");
  json.StartArray();
  json.String("password");
  json.EndArray();
  json.Key("password");
  json.StartObject();
  json.Key("user");
  json.StartObject();
  if (!user.user_id.empty()) {
    text(json, "id", user.user_id);
  } else {
    text(json, "name", user.username);
    json.Key("domain");
    json.StartObject();
    user.user_domain_id.empty() ? text(json, "name", user.user_domain_name)
                                : text(json, "id", user.user_domain_id);
    json.EndObject();
  }
  text(json, "password", user.password);
  json.EndObject();
  json.EndObject();
}

void credential_identity(Writer& json, const ServiceUser& user) {
  json.Key("methods");
  json.StartArray();
  json.String("application_credential");
  json.EndArray();
  json.Key("application_credential");
  json.StartObject();
  if (!user.credential_id.empty()) {
    text(json, "id", user.credential_id);
  } else {
    text(json, "name", user.credential_name);
    named(json, "user", user.user_id, user.username, user.user_domain_id, user.user_domain_name);
  }
  text(json, "secret", user.credential_secret);
  json.EndObject();
}

/// An application credential's scope is its own.
void scope(Writer& json, const ServiceUser& user) {
  const bool project = !user.project_id.empty() || !user.project_name.empty();
  const bool domain = !user.domain_id.empty() || !user.domain_name.empty();
  if (!project && !domain && user.trust_id.empty() && user.system_scope.empty()) return;
  json.Key("scope");
  json.StartObject();
  if (!user.trust_id.empty()) {
    json.Key("OS-TRUST:trust");
    json.StartObject();
    text(json, "id", user.trust_id);
    json.EndObject();
  } else if (project) {
    named(json, "project", user.project_id, user.project_name, user.project_domain_id,
          user.project_domain_name);
  } else if (domain) {
    json.Key("domain");
    json.StartObject();
    user.domain_id.empty() ? text(json, "name", user.domain_name)
                           : text(json, "id", user.domain_id);
    json.EndObject();
  } else {
    json.Key("system");
    json.StartObject();
    json.Key(user.system_scope.c_str());
    json.Bool(true);
    json.EndObject();
  }
  json.EndObject();
}

}  // namespace

std::string login_body(const ServiceUser& user) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.StartObject();
  json.Key("auth");
  json.StartObject();
  json.Key("identity");
  json.StartObject();
  user.by_application_credential ? credential_identity(json, user) : password_identity(json, user);
  json.EndObject();
  if (!user.by_application_credential) scope(json, user);
  json.EndObject();
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace gnocchi::keystone
