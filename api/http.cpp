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

}  // namespace gnocchi::api
