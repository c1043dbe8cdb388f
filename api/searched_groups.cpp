#include "api/searched_groups.h"

#include <iterator>
#include <set>
#include <utility>

#include "api/pagination.h"
#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

ResourceType existing_type(const std::string& name, Services& services) {
  auto type = services.indexer.resource_types().get(name);
  if (type) return std::move(*type);
  throw HttpError(400, cause_and_detail("Resource type does not exist", name));
}

std::vector<std::string> names_of(const std::vector<query::Reference>& references) {
  std::vector<std::string> names;
  names.reserve(references.size());
  for (const auto& reference : references) names.push_back(reference.metric);
  return names;
}

}  // namespace

void refuse_not_found(const std::vector<query::Reference>& references) {
  std::set<std::string> names;
  for (const auto& reference : references) names.insert(json_text(reference.metric));
  throw cross_refusal(400, "Metrics not found", {}, {names.begin(), names.end()});
}

SearchedGroups::SearchedGroups(const AggregatesRequest& request, Services& services)
    : request_(request),
      services_(services),
      references_(request.body.program.references),
      computation_(request.query.computation(request.body.program, services)) {
  const bool history = request.use_history && !request.groupby.empty();
  const ResourceType type = existing_type(*request.body.resource_type, services);
  query_ = metric_search(request.http, services, type, request.body.search, names_of(references_),
                         history);
  const GroupBy by = group_by(type);
  if (history) add_validity(query_, request.query.range);
  rows_ = find_metrics(query_, services);
  groups_ = group_metrics(rows_, by, references_);
  if (groups_.empty()) refuse_not_found(references_);
  settle_stays();
  read();
}

GroupBy SearchedGroups::group_by(const ResourceType& type) {
  try {
    return {request_.groupby, type, query_};
  } catch (const Refused& fault) {
    refuse_pagination(fault.what());
  }
}

void SearchedGroups::settle_stays() {
  if (!query_.history) {
    for (const MetricGroup& group : groups_) stays_.push_back({request_.query.range, group.found});
    return;
  }
  const Revisions revisions(rows_, request_.query.range);
  for (const MetricGroup& group : groups_) {
    first_stays_.push_back(stays_.size());
    auto stays = revisions.stays_of(group);
    std::move(stays.begin(), stays.end(), std::back_inserter(stays_));
  }
  first_stays_.push_back(stays_.size());
}

void SearchedGroups::read() {
  SourceMaker maker(rows_, services_);
  for (const Stay& stay : stays_) sources_.push_back(maker.make(stay.found, stay.window));
  guarded([&] {
    results_ = std::make_unique<query::Results>(services_.reader, computation_, sources_);
  });
}

std::vector<query::Frame> SearchedGroups::frames_of(std::size_t group) {
  return guarded([&] { return query_.history ? sum_of_stays(group) : results_->of_group(group); });
}

std::vector<query::Frame> SearchedGroups::sum_of_stays(std::size_t group) {
  WeightedSum sum;
  for (std::size_t i = first_stays_[group]; i < first_stays_[group + 1]; ++i) {
    sum.add(results_->of_group(i), stays_[i].window, request_.query.gaps.drops());
  }
  return sum.take();
}

/// Runs a computation and says what was wrong with it as clients know it.
template <class F>
auto SearchedGroups::guarded(F compute) -> decltype(compute()) {
  try {
    return compute();
  } catch (const query::NotAggregable& fault) {
    throw not_aggregable(
        fault, [&](const auto& which, std::size_t source) { return name_of(which, source); });
  } catch (const query::UnknownMethod& fault) {
    const FoundMetric& found = stays_[fault.group].found[fault.source];
    throw unknown_method(rows_[found.row].metric.id, references_[found.reference].method);
  } catch (const query::TooManyPoints& fault) {
    throw too_many_points(fault);
  } catch (const Refused& fault) {
    throw cross_refusal(400, "Operations is invalid", fault.what(), {});
  }
}

SourceName SearchedGroups::name_of(const query::NotAggregable& fault, std::size_t source) const {
  const FoundMetric& found = stays_[fault.group].found[source];
  const auto& reference = references_[found.reference];
  return {fault.by_metric ? rows_[found.row].metric.name.value_or("") : reference.metric,
          reference.method};
}

SeriesPath SearchedGroups::path_of(std::size_t group, std::size_t source) const {
  const FoundMetric& found = groups_[group].found[source];
  const Metric& metric = rows_[found.row].metric;
  return {metric.resource_id->to_string(), metric.name.value_or(""),
          references_[found.reference].method};
}

std::int64_t SearchedGroups::revision_of(std::size_t row) const {
  return query_.history ? Revisions::number_of(rows_[row]) : -1;
}

}  // namespace gnocchi::api
