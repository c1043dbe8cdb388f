#include <algorithm>

#include "api/http.h"
#include "api/influxdb_lines.h"

namespace gnocchi::api {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

void skip_spaces(std::string_view& text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

bool take_keyword(std::string_view& text, std::string_view keyword) {
  skip_spaces(text);
  if (!equals_ignoring_case(text.substr(0, keyword.size()), keyword)) return false;
  text.remove_prefix(keyword.size());
  return true;
}

std::optional<std::string> take_quoted(std::string_view text) {
  std::string name;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return name.empty() ? std::nullopt : std::optional(name);
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    name += text[i];
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> created_database(std::string_view query) {
  if (!take_keyword(query, "create") || !take_keyword(query, "database")) return std::nullopt;
  if (query.empty() || !is_space(query.front())) return std::nullopt;
  skip_spaces(query);
  if (query.starts_with('"')) return take_quoted(query);
  if (query.empty() || !is_letter(query.front())) return std::nullopt;
  return std::string(query.begin(), std::find_if_not(query.begin(), query.end(), is_word));
}

}  // namespace gnocchi::api
