#include "api/accept.h"

#include <array>
#include <charconv>
#include <vector>

namespace gnocchi::api {
namespace {

struct MediaRange {
  std::string_view type;
  std::string_view subtype;
  double quality = 1;
};

/// Cuts the part before `separator` off `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto part = trim(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return part;
}

std::optional<MediaRange> parse_range(std::string_view text) {
  const auto media = next_part(text, ';');
  const auto slash = media.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == media.size()) {
    return std::nullopt;
  }
  MediaRange range{media.substr(0, slash), media.substr(slash + 1)};
  while (!text.empty()) {
    const auto parameter = next_part(text, ';');
    if (parameter.size() < 2 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=') continue;
    const auto number = parameter.substr(2);
    const auto result =
        std::from_chars(number.data(), number.data() + number.size(), range.quality);
    if (result.ec != std::errc{} || range.quality < 0 || range.quality > 1) return std::nullopt;
  }
  return range;
}

/// nullopt: malformed.
std::optional<std::vector<MediaRange>> parse_accept(std::string_view accept) {
  std::vector<MediaRange> ranges;
  while (!accept.empty()) {
    const auto item = next_part(accept, ',');
    if (item.empty()) continue;
    const auto range = parse_range(item);
    if (!range) return std::nullopt;
    ranges.push_back(*range);
  }
  return ranges;
}

/// The quality that the most specific range gives to an offer.
double quality_of(std::string_view offer, const std::vector<MediaRange>& ranges) {
  const auto slash = offer.find('/');
  double quality = 0;
  int best = 0;
  for (const auto& range : ranges) {
    int specific = 0;
    if (equals_ignoring_case(range.type, offer.substr(0, slash))) {
      if (equals_ignoring_case(range.subtype, offer.substr(slash + 1))) {
        specific = 3;
      } else if (range.subtype == "*") {
        specific = 2;
      }
    } else if (range.type == "*" && range.subtype == "*") {
      specific = 1;
    }
    if (specific > best) {
      best = specific;
      quality = range.quality;
    }
  }
  return quality;
}

}  // namespace

std::optional<std::string_view> negotiate(std::optional<std::string_view> accept,
                                          std::span<const std::string_view> offers) {
  if (!accept) return offers.front();
  const auto ranges = parse_accept(*accept);
  if (!ranges) return offers.front();
  std::optional<std::string_view> best;
  double best_quality = 0;
  for (const auto offer : offers) {
    const double quality = quality_of(offer, *ranges);
    if (quality > best_quality) {
      best = offer;
      best_quality = quality;
    }
  }
  return best;
}

RowForm preferred_rows(std::optional<std::string_view> accept) {
  constexpr std::array<std::string_view, 3> kForms{"application/json", "application/x-ndjson",
                                                   "text/csv"};
  const auto best = negotiate(accept, kForms).value_or(kForms[0]);
  if (best == kForms[1]) return RowForm::ndjson;
  return best == kForms[2] ? RowForm::csv : RowForm::json;
}

std::optional<std::string_view> accept_parameter(std::string_view accept, std::string_view name) {
  std::string_view range = next_part(accept, ',');
  next_part(range, ';');  // the media type
  while (!range.empty()) {
    std::string_view value = next_part(range, ';');
    if (!equals_ignoring_case(next_part(value, '='), name)) continue;
    value = trim(value);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return std::nullopt;
}

bool accepts_json(std::optional<std::string_view> accept) {
  constexpr std::array<std::string_view, 1> kJson{"application/json"};
  if (!accept || trim(*accept).empty() || accept->starts_with("text/html,")) return true;
  return accept->starts_with(kJson[0]) || negotiate(accept, kJson).has_value();
}

}  // namespace gnocchi::api
