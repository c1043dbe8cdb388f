#include "api/cors.h"

#include <algorithm>
#include <array>

namespace gnocchi::api {
namespace {

// What any script may send: the simple headers of the W3C's recommendation, as oslo lists them.
constexpr std::array<std::string_view, 8> kSimpleHeaders{
    "Accept",           "Accept-Language", "Content-Type",  "Cache-Control",
    "Content-Language", "Expires",         "Last-Modified", "Pragma"};

bool contains(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto end = text.find(',');
    auto item = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const auto begin = item.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    item = item.substr(begin, item.find_last_not_of(" \t") - begin + 1);
    items.emplace_back(item);
  }
  return items;
}

std::string join(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ",") + item;
  return text;
}

}  // namespace

Cors::Cors(const config::Config& config)
    : expose_headers_(config.list("cors", "expose_headers")),
      allow_methods_(config.list("cors", "allow_methods")),
      allow_headers_(config.list("cors", "allow_headers")),
      max_age_s_(config.integer("cors", "max_age")),
      allow_credentials_(config.boolean("cors", "allow_credentials")) {
  if (config.has("cors", "allowed_origin")) {
    allowed_origins_ = config.list("cors", "allowed_origin");
  }
}

std::string_view Cors::allowed_origin(std::string_view origin) const {
  if (contains(allowed_origins_, origin)) return origin;
  return contains(allowed_origins_, "*") ? "*" : std::string_view{};
}

void Cors::decorate(const Request& request, Response& response) const {
  const bool preflight = request.method == "OPTIONS";
  if (preflight && (response.status < 200 || response.status >= 300)) response = Response{};
  const auto sender = request.headers.get("Origin");
  if (!sender) return;
  const auto origin = allowed_origin(*sender);
  if (origin.empty()) return;
  if (preflight) return answer_preflight(request, origin, response);
  const auto vary = response.headers.get("Vary");
  response.headers.set("Vary", vary ? std::string(*vary) + ",Origin" : "Origin");
  response.headers.set("Access-Control-Allow-Origin", std::string(origin));
  if (allow_credentials_) response.headers.set("Access-Control-Allow-Credentials", "true");
  if (!expose_headers_.empty()) {
    response.headers.set("Access-Control-Expose-Headers", join(expose_headers_));
  }
}

void Cors::answer_preflight(const Request& request, std::string_view origin,
                            Response& response) const {
  const auto method = request.headers.get("Access-Control-Request-Method");
  if (!method || !contains(allow_methods_, *method)) return;
  const auto wanted =
      split_list(request.headers.get("Access-Control-Request-Headers").value_or(""));
  const bool granted = std::all_of(wanted.begin(), wanted.end(), [this](std::string_view name) {
    const auto same = [name](std::string_view known) { return equals_ignoring_case(known, name); };
    return std::any_of(kSimpleHeaders.begin(), kSimpleHeaders.end(), same) ||
           std::any_of(allow_headers_.begin(), allow_headers_.end(), same);
  });
  if (!granted) return;
  response.headers.set("Vary", "Origin");
  response.headers.set("Access-Control-Allow-Origin", std::string(origin));
  if (allow_credentials_) response.headers.set("Access-Control-Allow-Credentials", "true");
  if (max_age_s_ != 0) {
    response.headers.set("Access-Control-Max-Age", std::to_string(max_age_s_));
  }
  response.headers.set("Access-Control-Allow-Methods", std::string(*method));
  if (!wanted.empty()) response.headers.set("Access-Control-Allow-Headers", join(wanted));
}

}  // namespace gnocchi::api
