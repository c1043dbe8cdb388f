#include "api/etag.h"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/DateTimeParser.h>
#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "api/errors.h"
#include "api/json.h"

namespace gnocchi::api {
namespace {

using Seconds = std::chrono::sys_seconds;

constexpr int kFirstYear = 1970;

struct EntityTag {
  std::string value;
  bool weak = false;
};

/// The tags of an If-(None-)Match header; text without quotes is taken as one tag.
std::vector<EntityTag> parse_tags(std::string_view header) {
  std::vector<EntityTag> tags;
  for (auto quote = header.find('"'); quote != std::string_view::npos;
       quote = header.find('"', quote + 1)) {
    const bool weak = quote >= 2 && header.substr(quote - 2, 2) == "W/";
    const auto end = header.find('"', quote + 1);
    if (end == std::string_view::npos) break;
    tags.push_back({std::string(header.substr(quote + 1, end - quote - 1)), weak});
    quote = end;
  }
  if (tags.empty()) tags.push_back({std::string(header), false});
  return tags;
}

bool names(std::string_view header, std::string_view etag, bool weak_too) {
  if (header == "*") return true;
  const auto tags = parse_tags(header);
  return std::any_of(tags.begin(), tags.end(), [&](const EntityTag& tag) {
    return tag.value == etag && (weak_too || !tag.weak);
  });
}

/// nullopt: not a date, which is as if the header were not there.
std::optional<Seconds> parse_date(std::optional<std::string_view> header) {
  if (!header) return std::nullopt;
  for (const std::string& format :
       {Poco::DateTimeFormat::HTTP_FORMAT, Poco::DateTimeFormat::RFC850_FORMAT,
        Poco::DateTimeFormat::ASCTIME_FORMAT}) {
    int zone = 0;
    Poco::DateTime date;
    if (!Poco::DateTimeParser::tryParse(format, std::string(*header), date, zone)) continue;
    // What is no date at all comes out of the parser as the year 0.
    if (date.year() < kFirstYear) continue;
    date.makeUTC(zone);
    return Seconds(std::chrono::seconds(date.timestamp().epochTime()));
  }
  return std::nullopt;
}

Seconds last_modified(const ResourceBase& resource) {
  return std::chrono::floor<std::chrono::seconds>(resource.revision_start);
}

bool reads(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

}  // namespace

std::string etag_of(const ResourceBase& resource) {
  std::string quoted;
  JsonWriter(quoted).time(resource.revision_start);
  Poco::SHA1Engine hash;
  hash.update(resource.id.to_string());
  hash.update(quoted.substr(1, quoted.size() - 2));
  return Poco::DigestEngine::digestToHex(hash.digest());
}

Precondition check_preconditions(const Request& request, const ResourceBase& resource) {
  const std::string etag = etag_of(resource);
  const auto header = [&](std::string_view name) -> std::optional<std::string_view> {
    const auto value = request.headers.get(name);
    return value && !value->empty() ? value : std::nullopt;
  };
  if (const auto match = header("If-Match")) {
    if (!names(*match, etag, false)) throw HttpError(412);
  } else if (const auto date = parse_date(header("If-Unmodified-Since"));
             date && *date < last_modified(resource)) {
    throw HttpError(412);
  }
  if (const auto match = header("If-None-Match")) {
    if (!names(*match, etag, true)) return Precondition::met;
    if (!reads(request)) throw HttpError(412);
    return Precondition::not_modified;
  }
  const auto date = parse_date(header("If-Modified-Since"));
  if (date && reads(request) && *date >= last_modified(resource)) return Precondition::not_modified;
  return Precondition::met;
}

void set_etag(const ResourceBase& resource, Response& response) {
  response.headers.set("ETag", '"' + etag_of(resource) + '"');
  const auto seconds = last_modified(resource).time_since_epoch().count();
  response.headers.set("Last-Modified",
                       Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(seconds),
                                                       Poco::DateTimeFormat::HTTP_FORMAT));
}

}  // namespace gnocchi::api
