#include "api/http.h"

#include <algorithm>

#include "api/url.h"

namespace gnocchi::api {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  add(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) {
  fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_,
                [&](const auto& field) { return equals_ignoring_case(field.first, name); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const noexcept {
  for (const auto& [key, value] : fields_) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

QueryParameters QueryParameters::parse(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto item = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (item.empty()) continue;
    const auto equal = item.find('=');
    const auto name = item.substr(0, equal);
    const auto value =
        equal == std::string_view::npos ? std::string_view{} : item.substr(equal + 1);
    parameters.add(decode_form(name), decode_form(value));
  }
  return parameters;
}

std::optional<std::string_view> QueryParameters::get(std::string_view name) const noexcept {
  for (auto item = items_.rbegin(); item != items_.rend(); ++item) {
    if (item->first == name) return item->second;
  }
  return std::nullopt;
}

std::vector<std::string> QueryParameters::get_all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : items_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

std::optional<Request> make_request(std::string method, std::string_view target, Headers headers,
                                    std::string body, std::string peer) {
  Request request;
  std::string_view host = headers.get("Host").value_or("localhost");
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto slash = std::min(target.find('/'), target.size());
    host = target.substr(0, slash);
    target.remove_prefix(slash);
    if (target.empty()) target = "/";
  }
  if (target == "*") target = "/";
  if (!target.starts_with('/')) return std::nullopt;
  target = target.substr(0, target.find('#'));
  const auto question = target.find('?');
  request.raw_path = target.substr(0, question);
  request.path = decode_percent(request.raw_path);
  if (question != std::string_view::npos) {
    request.query = QueryParameters::parse(target.substr(question + 1));
  }
  request.host = host;
  request.method = std::move(method);
  request.headers = std::move(headers);
  request.body = std::move(body);
  request.peer = std::move(peer);
  return request;
}

}  // namespace gnocchi::api
