#include "api/resource_marker.h"

#include <charconv>
#include <string>
#include <utility>

#include "api/resource_ids.h"
#include "core/index/filter_binding.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

[[noreturn]] void refuse_marker(std::string_view marker) {
  refuse_pagination("Invalid marker: `" + std::string(marker) + "'");
}

/// Cuts "@revision" off a marker.
std::int64_t cut_revision(std::string_view& marker) {
  const std::string_view whole = marker;
  const auto at = whole.rfind('@');
  if (at == std::string_view::npos) refuse_marker(whole);
  const std::string_view digits = whole.substr(at + 1);
  std::int64_t revision = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, revision);
  if (parsed.ec != std::errc{} || parsed.ptr != end) refuse_marker(whole);
  marker = whole.substr(0, at);
  return revision;
}

/// The page after this row; nullopt: there is no such row.
std::optional<std::vector<Resource>> after_row(const ResourceQuery& query, Services& services) {
  try {
    return services.indexer.resources().list(query);
  } catch (const Refused& fault) {
    // Sort keys were checked before, so that it can only be the marker.
    if (fault.subject() != Refused::Subject::pagination) throw;
    return std::nullopt;
  }
}

/// The rows whose first sort key is beyond `value`; nullopt: it can have no such value.
std::optional<Filter> beyond(std::string_view value, const Sort& sort, const ResourceType& type,
                             const Services& services) {
  const bool descending = sort.direction == Sort::Direction::descending;
  index::FilterTree tree;
  tree.op = descending ? Filter::Op::lt : Filter::Op::gt;
  tree.field = sort.field;
  tree.values.emplace_back(std::string(value));
  const bool nulls_last =
      sort.nulls == Sort::Nulls::database_default ? descending : sort.nulls == Sort::Nulls::last;
  try {
    Filter filter = index::bind_filter(tree, {type, "", services.now()});
    if (!nulls_last) return filter;
    Filter nulls = Filter::compare(Filter::Op::eq, filter.field, Value());
    return Filter::any({std::move(filter), std::move(nulls)});
  } catch (const Refused&) {
    return std::nullopt;
  }
}

}  // namespace

std::vector<Resource> list_after(std::string_view marker, ResourceQuery query,
                                 const ListingOptions& options, const ResourceType& type,
                                 const Request& request, Services& services) {
  std::string_view id = marker;
  if (options.history) query.marker_revision = cut_revision(id);
  try {
    query.marker = index::resource_id(id, id_rules(request, services));
    if (auto page = after_row(query, services)) return std::move(*page);
    query.marker = aliased_id(id, request, services);
    if (query.marker) {
      if (auto page = after_row(query, services)) return std::move(*page);
    }
  } catch (const Refused& fault) {
    if (fault.subject() != Refused::Subject::resource) throw;  // an id that cannot be one
  }
  const bool sorted = !request.query.get("sort").value_or("").empty();
  if (options.history || !sorted || options.page.sorts.front().field == "id") refuse_marker(marker);
  auto rest = beyond(marker, options.page.sorts.front(), type, services);
  if (!rest) refuse_marker(marker);
  query.marker.reset();
  query.filter =
      query.filter ? Filter::all({std::move(*query.filter), std::move(*rest)}) : std::move(*rest);
  return services.indexer.resources().list(query);
}

}  // namespace gnocchi::api
