#include "api/proxy_headers.h"

#include <algorithm>

namespace gnocchi::api {
namespace {

std::string unquote(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

/// Values end up in Location headers and links: nothing that could end a line there.
bool is_clean(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '"' && c != '<' && c != '>';
  });
}

void assign(std::string& target, std::string value) {
  if (is_clean(value)) target = std::move(value);
}

void apply_forwarded(std::string_view header, Request& request) {
  std::string_view rest = header.substr(0, header.find(','));
  while (!rest.empty()) {
    const auto end = rest.find(';');
    const auto pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const auto equal = pair.find('=');
    if (equal == std::string_view::npos) continue;
    const auto key = trim(pair.substr(0, equal));
    std::string value = unquote(trim(pair.substr(equal + 1)));
    if (equals_ignoring_case(key, "proto")) {
      assign(request.scheme, std::move(value));
    } else if (equals_ignoring_case(key, "host")) {
      assign(request.host, std::move(value));
    } else if (equals_ignoring_case(key, "for")) {
      assign(request.peer, std::move(value));
    }
  }
}

}  // namespace

void apply_proxy_headers(Request& request) {
  const auto apply = [&request](std::string_view name, std::string& target) {
    if (const auto value = request.headers.get(name)) assign(target, std::string(trim(*value)));
  };
  if (const auto forwarded = request.headers.get("Forwarded")) {
    apply_forwarded(*forwarded, request);
  } else {
    apply("X-Forwarded-Proto", request.scheme);
    apply("X-Forwarded-Host", request.host);
    apply("X-Forwarded-For", request.peer);
  }
  apply("X-Forwarded-Prefix", request.prefix);
  while (request.prefix.ends_with('/')) request.prefix.pop_back();
}

}  // namespace gnocchi::api
