#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "api/aggregates.h"
#include "api/cross_answer.h"
#include "api/cross_errors.h"
#include "api/measures.h"
#include "api/resource_json.h"
#include "api/searched_groups.h"

namespace gnocchi::api {
namespace {

using Frames = std::vector<query::Frame>;

/// The resources that results were made of, with all their metrics.
class References {
 public:
  References(const SearchedGroups& search, Services& services) {
    ResourceQuery query;
    query.type = search.query().type;
    query.filter = search.query().filter;
    query.history = search.query().history;
    for (Resource& resource : services.indexer.resources().list(query)) {
      const Key key{resource.id, resource.revision.value_or(-1)};
      resources_.emplace(key, std::move(resource));
    }
  }

  /// `shown`: which of the group's columns; nullptr: all.
  void write(JsonWriter& json, const SearchedGroups& search, const MetricGroup& group,
             const std::vector<std::size_t>* shown) const {
    std::set<Key> written;
    json.begin_array();
    const auto add = [&](std::size_t source) {
      const std::size_t row = group.found[source].row;
      const Key key{*search.rows()[row].metric.resource_id, search.revision_of(row)};
      const auto found = resources_.find(key);
      if (found == resources_.end() || !written.insert(key).second) return;
      write_resource(json, found->second);
    };
    if (shown) {
      for (const std::size_t source : *shown) add(source);
    } else {
      for (std::size_t i = 0; i < group.found.size(); ++i) add(i);
    }
    json.end_array();
  }

 private:
  using Key = std::pair<ResourceId, std::int64_t>;
  std::map<Key, Resource> resources_;
};

class Answer {
 public:
  Answer(const AggregatesRequest& request, Services& services, Response& response)
      : request_(request), search_(request, services), json_(response.body) {
    say_what_is_left_out(search_.pending_left_out(), response);
    if (request.http.form != RowForm::json) {
      table_.emplace(request.http.form, request.groupby,
                     std::vector<std::string>{"resource", "metric", "aggregation"}, response);
    }
    if (request.details) references_ = std::make_unique<References>(search_, services);
  }

  void write() {
    if (request_.groupby.empty()) {
      write_only_group();
    } else if (request_.ranking.asked()) {
      write_ranked_groups();
    } else {
      write_groups();
    }
  }

 private:
  void write_only_group() {
    const Frames frames = search_.frames_of(0);
    if (!request_.ranking.asked()) return write_results(0, frames, nullptr);
    if (frames.front().aggregated) {
      refuse_ranking_of_one();
    }
    std::vector<double> scores;
    for (std::size_t i = 0; i < frames.front().columns.size(); ++i) {
      scores.push_back(score_of(frames, i));
    }
    const auto chosen = request_.ranking.choose(scores);
    write_results(0, frames, &chosen);
  }

  void write_groups() {
    bool any = false;
    begin_groups();
    for (std::size_t i = 0; i < search_.groups().size(); ++i) {
      const Frames frames = search_.frames_of(i);
      if (frames.empty()) continue;
      write_group(i, frames);
      any = true;
    }
    end_groups();
    if (!any) refuse_not_found(request_.body.program.references);
  }

  void write_ranked_groups() {
    std::vector<Frames> all;
    std::vector<std::size_t> numbers;
    std::vector<double> scores;
    std::size_t points = 0;
    for (std::size_t i = 0; i < search_.groups().size(); ++i) {
      Frames frames = search_.frames_of(i);
      if (frames.empty()) continue;
      for (const auto& frame : frames) points += frame.times.size() * frame.columns.size();
      if (points > search_.max_points()) {
        throw too_many_points(query::TooManyPoints(std::to_string(points) + " points to rank"));
      }
      scores.push_back(score_of(frames));
      numbers.push_back(i);
      all.push_back(std::move(frames));
    }
    if (all.empty()) refuse_not_found(request_.body.program.references);
    begin_groups();
    for (const std::size_t i : request_.ranking.choose(scores)) write_group(numbers[i], all[i]);
    end_groups();
  }

  void begin_groups() {
    if (!table_) json_.begin_array();
  }
  void end_groups() {
    if (!table_) json_.end_array();
  }

  void write_group(std::size_t number, const Frames& frames) {
    if (table_) return write_results(number, frames, nullptr);
    json_.begin_object();
    json_.key("group");
    write_group_key(json_, request_.groupby, search_.groups()[number].key);
    json_.key("measures");
    write_results(number, frames, nullptr);
    json_.end_object();
  }

  void write_results(std::size_t number, const Frames& frames,
                     const std::vector<std::size_t>* chosen) {
    const MetricGroup& group = search_.groups()[number];
    std::vector<std::size_t> all;
    if (!chosen && !frames.front().aggregated) {
      for (std::size_t i = 0; i < frames.front().columns.size(); ++i) all.push_back(i);
    }
    const auto& columns = chosen ? *chosen : all;
    const SeriesPaths paths = [&](std::size_t source) { return search_.path_of(number, source); };
    const bool drop = request_.query.gaps.drops();
    if (table_) return table_->add(group.key, frames, columns, paths, drop);
    json_.begin_object();
    json_.key("measures");
    write_measures(json_, frames, columns, paths, drop);
    if (references_) {
      json_.key("references");
      references_->write(json_, search_, group, chosen);
    }
    json_.end_object();
  }

  const AggregatesRequest& request_;
  SearchedGroups search_;
  JsonWriter json_;
  std::optional<CrossTable> table_;         ///< for answers in rows
  std::unique_ptr<References> references_;  ///< where asked for
};

}  // namespace

void aggregate_resources(const AggregatesRequest& request, Services& services, Response& response) {
  Answer(request, services, response).write();
}

}  // namespace gnocchi::api
