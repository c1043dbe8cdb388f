#include "api/pagination.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/errors.h"
#include "api/json.h"
#include "api/python_text.h"
#include "api/url.h"

namespace gnocchi::api {
namespace {

[[noreturn]] void refuse_argument(std::string_view reason) {
  Detail detail{{}, true};
  JsonWriter json(detail.text);
  json.begin_object();
  json.key("cause");
  json.text("Argument value error");
  json.key("reason");
  json.text(reason);
  json.end_object();
  throw HttpError(400, std::move(detail));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n\r\f\v");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n\r\f\v") - begin + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::uint32_t parse_limit(std::string_view text, std::uint32_t max_limit) {
  text = trimmed(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) refuse_argument("expected int for dictionary value @ data['limit']");
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool huge = parsed.ec == std::errc::result_out_of_range;
  if (negative || (!huge && value == 0)) {
    refuse_argument("value must be at least 1 for dictionary value @ data['limit']");
  }
  return huge ? max_limit : static_cast<std::uint32_t>(std::min<std::uint64_t>(value, max_limit));
}

Sort parse_sort(std::string_view text) {
  struct Order {
    std::string_view name;
    Sort::Direction direction;
    Sort::Nulls nulls;
  };
  using enum Sort::Direction;
  using enum Sort::Nulls;
  static constexpr std::array<Order, 6> kOrders{{
      {"asc", ascending, database_default},
      {"desc", descending, database_default},
      {"asc-nullsfirst", ascending, first},
      {"asc-nullslast", ascending, last},
      {"desc-nullsfirst", descending, first},
      {"desc-nullslast", descending, last},
  }};
  const auto colon = text.find(':');
  const std::string_view order =
      colon == std::string_view::npos || colon + 1 == text.size() ? "asc" : text.substr(colon + 1);
  for (const auto& [name, direction, nulls] : kOrders) {
    if (order == name) return {std::string(trimmed(text.substr(0, colon))), direction, nulls};
  }
  refuse_pagination(
      "Unknown sort direction, must be one of: asc-nullsfirst, asc-nullslast, desc-nullsfirst, "
      "desc-nullslast");
}

}  // namespace

Pagination parse_pagination(const QueryParameters& query, std::uint32_t max_limit,
                            const std::vector<std::string>& default_sort) {
  Pagination page;
  page.limit = max_limit;
  for (const std::string& limit : query.get_all("limit")) {
    page.limit = parse_limit(limit, max_limit);
  }
  if (const auto marker = query.get("marker"); marker && !marker->empty()) page.marker = *marker;
  page.sort = query.get_all("sort");
  std::erase(page.sort, "");
  if (page.sort.empty()) page.sort = default_sort;
  for (const std::string& sort : page.sort) page.sorts.push_back(parse_sort(sort));
  return page;
}

void refuse_pagination(std::string_view reason) {
  throw HttpError(400, "Invalid pagination: `" + std::string(reason) + "'");
}

void link_next_page(const Request& request, const Pagination& page, std::string_view marker,
                    Response& response) {
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const auto& [name, value] : request.query.items()) {
    if (name != "limit" && name != "marker" && name != "sort") parameters.emplace_back(name, value);
  }
  parameters.emplace_back("limit", std::to_string(page.limit));
  parameters.emplace_back("marker", marker);
  for (const std::string& sort : page.sort) parameters.emplace_back("sort", sort);
  add_next_link(request, response, std::move(parameters));
}

std::optional<bool> parse_truth(std::string_view given) {
  const std::string text = lower(given);
  for (const char* yes : {"y", "yes", "t", "true", "on", "1"}) {
    if (text == yes) return true;
  }
  for (const char* no : {"n", "no", "f", "false", "off", "0"}) {
    if (text == no) return false;
  }
  return std::nullopt;
}

bool flag(const QueryParameters& query, std::string_view name, bool fallback) {
  const auto given = query.get(name);
  if (!given) return fallback;
  if (const auto truth = parse_truth(*given)) return *truth;
  throw HttpError(400, "Unable to parse `" + std::string(name) + "': invalid truth value " +
                           python_repr(std::string_view(lower(*given))));
}

}  // namespace gnocchi::api
