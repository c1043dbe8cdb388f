#include "api/reaggregation.h"

#include <algorithm>
#include <utility>

#include "api/cross_answer.h"
#include "api/cross_errors.h"
#include "api/measure_rows.h"
#include "api/measures.h"
#include "api/pagination.h"
#include "gnocchi/error.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {
namespace {

/// (aggregate REAGGREGATION [(resample AGGREGATION SPAN)] (metric * AGGREGATION)); what it is
/// evaluated over are all columns.
query::Program program_of(const AggregationQuery& wanted) {
  if (!query::Reduction::parse(wanted.reaggregation)) {
    refuse_parameter("reaggregation",
                     "Must be mean, median, std, min, max, sum, var or count, or rate: of one");
  }
  using Expression = query::Expression;
  const auto word = [](std::string_view text) { return Expression{std::string(text)}; };
  Expression series{std::vector{word("metric"), word("*"), word(wanted.aggregation)}};
  if (wanted.resampling) {
    series = {std::vector{word("resample"), word(wanted.aggregation), word(wanted.resample),
                          std::move(series)}};
  }
  return query::compile(
      {std::vector{word("aggregate"), word(wanted.reaggregation), std::move(series)}});
}

[[noreturn]] void refuse_aggregation(const AggregationQuery& wanted, Timespan granularity,
                                     const MetricId& metric) {
  throw HttpError(404, "Aggregation method '" + wanted.aggregation + "' at granularity '" +
                           python_seconds(granularity) + "' for metric " + metric.to_string() +
                           " does not exist");
}

void check_granularity(const AggregationQuery& wanted, const query::Source& source) {
  const auto& items = source.policy->definition;
  if (!wanted.query.granularity) return;
  const bool has = std::any_of(items.begin(), items.end(), [&](const auto& item) {
    return item.granularity == *wanted.query.granularity;
  });
  if (!has) refuse_aggregation(wanted, *wanted.query.granularity, source.metric);
}

void check_method(const AggregationQuery& wanted, const query::Source& source, bool alone) {
  const auto& methods = source.policy->aggregation_methods;
  if (std::find(methods.begin(), methods.end(), wanted.aggregation) != methods.end()) return;
  if (alone) refuse_method(source.metric, wanted.aggregation);
  refuse_aggregation(wanted, source.policy->definition.front().granularity, source.metric);
}

}  // namespace

AggregationQuery read_aggregation_query(const Request& request, const Services& services) {
  AggregationQuery wanted{read_cross_query(request, services), {}, {}, {}, {}, false};
  wanted.resampling = read_resampling(request);
  wanted.resample = request.query.get("resample").value_or("");
  wanted.refresh = flag(request.query, "refresh", false);
  wanted.aggregation = request.query.get("aggregation").value_or("mean");
  wanted.reaggregation = request.query.get("reaggregation").value_or(wanted.aggregation);
  return wanted;
}

Reaggregation::Reaggregation(const AggregationQuery& wanted, std::vector<query::SourceGroup> groups,
                             Services& services)
    : wanted_(wanted), groups_(std::move(groups)), services_(services) {
  std::vector<MetricId> metrics;
  for (const auto& group : groups_) {
    for (const auto& source : group.sources) check_granularity(wanted, source);
    for (const auto& source : group.sources) {
      check_method(wanted, source, group.sources.size() == 1);
      metrics.push_back(source.metric);
    }
    if (group.sources.empty()) continue;
    (group.sources.size() == 1 ? alone_ : together_).push_back(group);
  }
  if (wanted.refresh && !metrics.empty()) refresh(metrics, services);
  read_alone();
  if (!together_.empty()) read_together();
}

bool Reaggregation::pending_left_out() const {
  return alone_reading_.pending_left_out || (results_ && results_->pending_left_out());
}

void Reaggregation::write_next(std::string& out) {
  const auto& group = groups_[next_++];
  if (group.sources.empty()) {
    out += "[]";
  } else if (group.sources.size() == 1) {
    write_alone(out);
  } else {
    write_rows(out, computed([&] { return results_->of_group(next_together_++); }), 0,
               wanted_.query.gaps.drops());
  }
}

std::vector<ArchivePolicyItem> Reaggregation::items_of(const query::Source& source) const {
  std::vector<ArchivePolicyItem> items = source.policy->definition;
  std::erase_if(items, [&](const auto& item) {
    return wanted_.query.granularity && item.granularity != *wanted_.query.granularity;
  });
  std::sort(items.begin(), items.end(),
            [](const auto& a, const auto& b) { return a.granularity > b.granularity; });
  return items;
}

void Reaggregation::read_alone() {
  std::vector<query::AggregateRef> refs;
  for (const auto& group : alone_) {
    const auto& source = group.sources.front();
    for (const auto& item : items_of(source)) {
      refs.push_back(
          {source.metric, wanted_.aggregation, item.granularity, item.timespan, source.policy});
    }
  }
  const auto most = services_.config.integer("api", "max_aggregated_points");
  computed([&] {
    alone_reading_ = services_.reader.read(refs, wanted_.query.range, wanted_.resampling,
                                           static_cast<std::size_t>(most));
  });
}

void Reaggregation::write_alone(std::string& out) {
  MeasureRows rows(out);
  for (const auto& item : items_of(alone_[next_alone_++].sources.front())) {
    const auto& series = alone_reading_.series[next_series_++];
    rows.add(series.times, series.values,
             json_sampling(wanted_.resampling.value_or(item.granularity)));
  }
  rows.end();
}

void Reaggregation::read_together() {
  program_ = program_of(wanted_);
  computation_.emplace(wanted_.query.computation(program_, services_));
  computed([&] { results_.emplace(services_.reader, *computation_, together_); });
}

template <class F>
auto Reaggregation::computed(F compute) -> decltype(compute()) {
  try {
    return compute();
  } catch (const query::NotAggregable& fault) {
    throw not_aggregable(fault, [&](const auto&, std::size_t source) {
      return SourceName{together_[fault.group].sources[source].metric.to_string(),
                        wanted_.aggregation};
    });
  } catch (const query::TooManyPoints& fault) {
    throw too_many_points(fault);
  } catch (const Refused& fault) {
    throw HttpError(400, fault.what());
  }
}

}  // namespace gnocchi::api
