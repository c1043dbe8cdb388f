#include "discovery.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <string_view>

#include "gnocchi/error.h"
#include "json.h"

namespace gnocchi::keystone {
namespace {

using rapidjson::Value;

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// The link "self" of an entry of the list.
std::string_view self_link(const Value& version) {
  const Value* links = list_member(version, "links");
  if (links == nullptr) return {};
  for (const Value& link : links->GetArray()) {
    if (text_member(link, "rel") == "self") return text_member(link, "href");
  }
  return {};
}

/// The link of version 3; "" if the text is no list that has one.
std::string listed_v3(std::string_view json) {
  const auto document = parse_json(json);
  if (document.HasParseError()) return {};
  const Value* versions = member(document, "versions");
  const Value* values = versions == nullptr ? nullptr : list_member(*versions, "values");
  if (values == nullptr) values = list_member(document, "versions");
  if (values == nullptr) return {};
  for (const Value& version : values->GetArray()) {
    const std::string_view id = text_member(version, "id");
    const std::string_view status = text_member(version, "status");
    if (id.starts_with("v3") && status != "experimental" && status != "deprecated") {
      return std::string(self_link(version));
    }
  }
  return {};
}

/// A link may be relative to where it was found. A Keystone that does not know of the TLS proxy
/// before it links to http: what began with https stays there.
std::string resolved(const std::string& url, const std::string& link) {
  try {
    const Poco::URI base(url);
    Poco::URI target(base);
    target.resolve(link);
    if (base.getScheme() == "https" && target.getScheme() != "https") {
      target.setScheme(base.getScheme());
      target.setAuthority(base.getAuthority());
    }
    return target.toString();
  } catch (const Poco::Exception&) {
    throw Error(Error::Code::unavailable,
                url + ": its list of versions has a link that is no URL: " + link);
  }
}

}  // namespace

std::string v3_url(HttpClient& http, const std::string& url, const Deadline& deadline) {
  constexpr std::string_view kOld = "/v2.0";
  std::string base = without_slash(url);
  if (base.ends_with("/v3")) return base;
  if (base.ends_with(kOld)) return base.substr(0, base.size() - kOld.size()) + "/v3";
  const HttpAnswer answer = http.send({"GET", base + "/", {}, {}}, deadline);
  // 300, as there are several; other servers say 200.
  if (answer.status == 300 || answer.status == 200) {
    const std::string link = listed_v3(answer.body);
    if (!link.empty()) return without_slash(resolved(base + "/", link));
  }
  if (answer.status >= 500) {
    throw Error(Error::Code::unavailable,
                "GET " + base + "/: status " + std::to_string(answer.status));
  }
  return base + "/v3";
}

std::string identity_endpoint(const std::string& token_json, const std::string& interface,
                              const std::string& region) {
  const auto document = parse_json(token_json);
  const Value* token = document.HasParseError() ? nullptr : member(document, "token");
  const Value* catalog = token == nullptr ? nullptr : list_member(*token, "catalog");
  if (catalog == nullptr || catalog->Empty()) return {};
  std::string others;
  for (const Value& service : catalog->GetArray()) {
    const Value* endpoints = list_member(service, "endpoints");
    if (text_member(service, "type") != "identity" || endpoints == nullptr) continue;
    for (const Value& endpoint : endpoints->GetArray()) {
      const auto its_interface = text_member(endpoint, "interface");
      const auto its_region = text_member(endpoint, "region");
      const bool here =
          region.empty() || its_region == region || text_member(endpoint, "region_id") == region;
      if (here && its_interface == interface) return std::string(text_member(endpoint, "url"));
      others.append(others.empty() ? "" : ", ").append(its_interface).append(" in ");
      others.append(its_region);
    }
  }
  throw Error(Error::Code::unavailable,
              "the service catalogue has no identity endpoint with interface " + interface +
                  (region.empty() ? "" : " in region " + region) +
                  "; it has: " + (others.empty() ? "none" : others) +
                  " (see interface and region_name in [keystone_authtoken])");
}

}  // namespace gnocchi::keystone
