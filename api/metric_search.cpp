#include "api/metric_search.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/cross_errors.h"
#include "api/metric_lookup.h"
#include "api/resource_ids.h"
#include "api/rights.h"
#include "core/index/filter_binding.h"
#include "core/index/fnmatch.h"

namespace gnocchi::api {
namespace {

constexpr std::string_view kMetricName = "metric.name";
constexpr std::string_view kMetricUnit = "metric.unit";

bool is_pattern(std::string_view name) { return name.find_first_of("*?[") != name.npos; }

/// A pattern of LIKE for all names that match one of fnmatch, and some more: the database tells
/// neither case nor everything about brackets.
std::string like_pattern(std::string_view pattern) {
  std::string like;
  for (const char c : pattern) {
    if (c == '[') return like + '%';
    like += c == '*' ? '%' : c == '?' || c == '\\' ? '_' : c;
  }
  return like;
}

Filter named(const std::vector<std::string>& names) {
  std::vector<Filter> either;
  std::vector<Value> exact;
  for (const std::string& name : names) {
    if (is_pattern(name))
      either.push_back(Filter::compare(Filter::Op::like, "name", like_pattern(name)));
    else
      exact.emplace_back(name);
  }
  if (!exact.empty()) either.push_back(Filter::one_of("name", std::move(exact)));
  return Filter::any(std::move(either));
}

bool matches(const std::optional<std::string>& name, const std::string& pattern) {
  return name && (is_pattern(pattern) ? index::fnmatch(*name, pattern) : *name == pattern);
}

Value value_of(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

std::uint32_t most_metrics(const Services& services) {
  constexpr std::int64_t kMost = 0xffff'fffe;
  return static_cast<std::uint32_t>(
      std::min(services.config.integer("api", "max_aggregated_metrics"), kMost));
}

/// Files rows under the groups of their keys.
class Groups {
 public:
  explicit Groups(const GroupBy& by) : by_(by) {}

  void add(const ResourceMetric& row, FoundMetric found) {
    auto key = by_.key_of(row);
    const auto [at, added] = positions_.try_emplace(key, groups_.size());
    if (added) groups_.push_back({std::move(key), {}});
    groups_[at->second].found.push_back(found);
  }

  std::vector<MetricGroup> take() {
    // The index has ordered the rows by attributes of resources only.
    if (by_.of_metrics()) {
      std::sort(groups_.begin(), groups_.end(),
                [](const MetricGroup& a, const MetricGroup& b) { return a.key < b.key; });
    }
    return std::move(groups_);
  }

 private:
  const GroupBy& by_;
  std::map<std::vector<Value>, std::size_t> positions_;
  std::vector<MetricGroup> groups_;
};

}  // namespace

GroupBy::GroupBy(std::vector<std::string> names, const ResourceType& type,
                 ResourceMetricQuery& query)
    : names_(std::move(names)) {
  std::vector<Sort> sorts;
  for (const std::string& name : names_) {
    if (name != kMetricName && name != kMetricUnit) sorts.push_back({name});
  }
  sorts = index::bind_sorts(std::move(sorts), type, query.history);
  for (const Sort& sort : sorts) query.fields.push_back(sort.field);
  query.sorts =
      names_.empty() ? std::vector<Sort>{{"revision_start"}, {"started_at"}} : std::move(sorts);
}

bool GroupBy::of_metrics() const noexcept {
  return std::any_of(names_.begin(), names_.end(), [](const std::string& name) {
    return name == kMetricName || name == kMetricUnit;
  });
}

std::vector<Value> GroupBy::key_of(const ResourceMetric& row) const {
  std::vector<Value> key;
  key.reserve(names_.size());
  std::size_t field = 0;
  for (const std::string& name : names_) {
    if (name == kMetricName)
      key.push_back(value_of(row.metric.name));
    else if (name == kMetricUnit)
      key.push_back(value_of(row.metric.unit));
    else
      key.push_back(row.values[field++]);
  }
  return key;
}

ResourceMetricQuery metric_search(const Request& request, const Services& services,
                                  const ResourceType& type,
                                  const std::optional<index::FilterTree>& search,
                                  const std::vector<std::string>& names, bool history) {
  ResourceMetricQuery query;
  query.type = type.name;
  query.history = history;
  query.filter = visible_resources(services, "search resource", request, type);
  if (search) {
    auto wanted = bind_search(*search, type, request, services, history);
    query.filter = query.filter ? Filter::all({std::move(*query.filter), std::move(wanted)})
                                : std::move(wanted);
  }
  query.metrics = named(names);
  query.limit = most_metrics(services) + 1;
  return query;
}

std::vector<ResourceMetric> find_metrics(const ResourceMetricQuery& query, Services& services) {
  auto rows = services.indexer.resources().list_metrics(query);
  if (rows.size() > most_metrics(services)) {
    throw cross_refusal(400, "Too many metrics",
                        "The search finds more metrics than [api] max_aggregated_metrics allows, " +
                            std::to_string(most_metrics(services)),
                        {});
  }
  return rows;
}

std::vector<MetricGroup> group_metrics(std::span<const ResourceMetric> rows, const GroupBy& by,
                                       const std::vector<query::Reference>& references) {
  Groups groups(by);
  for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    const auto& resource = rows[begin].metric.resource_id;
    while (end < rows.size() && rows[end].metric.resource_id == resource) ++end;
    for (std::size_t reference = 0; reference < references.size(); ++reference) {
      for (std::size_t row = begin; row < end; ++row) {
        if (!matches(rows[row].metric.name, references[reference].metric)) continue;
        groups.add(rows[row], {row, reference});
      }
    }
  }
  return groups.take();
}

std::vector<MetricGroup> group_metrics(std::span<const ResourceMetric> rows, const GroupBy& by) {
  Groups groups(by);
  for (std::size_t row = 0; row < rows.size(); ++row) groups.add(rows[row], {row, 0});
  return groups.take();
}

std::vector<MetricGroup> all_groups(std::vector<MetricGroup> groups,
                                    const ResourceMetricQuery& query, Services& services) {
  const std::uint32_t most = most_metrics(services);
  auto keys = services.indexer.resources().list_values(
      {query.type, query.filter, query.fields, query.sorts, most + 1});
  if (keys.size() > most) {
    throw cross_refusal(400, "Too many groups",
                        "The search makes more groups than [api] max_aggregated_metrics allows, " +
                            std::to_string(most),
                        {});
  }
  std::map<std::vector<Value>, std::vector<FoundMetric>> filled;
  for (MetricGroup& group : groups) filled.emplace(std::move(group.key), std::move(group.found));
  std::vector<MetricGroup> all;
  all.reserve(keys.size());
  for (auto& key : keys) {
    // A resource may have come or changed since the metrics were listed: those stand as they were.
    auto found = filled.extract(key);
    all.push_back({std::move(key), found ? std::move(found.mapped()) : std::vector<FoundMetric>{}});
  }
  for (auto& [key, found] : filled) all.push_back({key, std::move(found)});
  return all;
}

query::SourceGroup SourceMaker::make(const std::vector<FoundMetric>& found,
                                     const query::Range& window) {
  query::SourceGroup group;
  group.window = window;
  group.sources.reserve(found.size());
  for (const auto& [row, reference] : found) {
    const Metric& metric = rows_[row].metric;
    auto& policy = policies_[metric.archive_policy_name];
    if (!policy) policy = archive_policy_of(services_, metric);
    group.sources.push_back({metric.id, reference, policy});
  }
  return group;
}

}  // namespace gnocchi::api
