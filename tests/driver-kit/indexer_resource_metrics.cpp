// Indexer: metrics by what their resources are, in one call.
#include <algorithm>
#include <map>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

using Op = Filter::Op;

/// Three resources of one type: 0 and 1 (s "b" and "a", user u) with metrics cpu and disk.a, 2 (s
/// "c", another user) with cpu alone.
class IndexerResourceMetrics : public IndexerCase {
 protected:
  void prepare(IndexerDriver& indexer) override {
    IndexerCase::prepare(indexer);
    type_ = make_type();
    user_ = fresh_name("user-");
    add("b", user_, {"cpu", "disk.a"});
    add("a", user_, {"cpu", "disk.a"});
    add("c", fresh_name("user-"), {"cpu"});
  }

  void add(const std::string& s, const std::string& user, const std::vector<std::string>& names) {
    NewResource resource = new_resource(type_);
    resource.user_id = user;
    resource.attributes["s"] = s;
    for (const std::string& name : names) resource.metrics.push_back(creating(name));
    resources_.push_back(resource.id);
    resources().create(resource);
  }

  ResourceMetricQuery query_of_user() const {
    ResourceMetricQuery query;
    query.type = type_;
    query.filter = Filter::compare(Op::eq, "user_id", user_);
    return query;
  }

  /// "0 cpu", "1 disk.a": the position of the resource and the name of the metric.
  std::vector<std::string> found(const ResourceMetricQuery& query) {
    std::vector<std::string> texts;
    for (const ResourceMetric& row : resources().list_metrics(query)) {
      for (std::size_t i = 0; i < resources_.size(); ++i) {
        if (row.metric.resource_id == resources_[i]) {
          texts.push_back(std::to_string(i) + " " + row.metric.name.value_or("-"));
        }
      }
    }
    return texts;
  }

  using Combinations = std::vector<std::vector<Value>>;
  using Texts = std::vector<std::string>;
  std::string type_;
  std::string user_;
  std::vector<ResourceId> resources_;
};

TEST_F(IndexerResourceMetrics, FiltersApplyToResourcesAndToMetrics) {
  ResourceMetricQuery query = query_of_user();
  query.sorts = {{"attributes.s"}};
  query.metrics = Filter::one_of("name", {"cpu", "CPU"});
  EXPECT_EQ(found(query), (Texts{"1 cpu", "0 cpu"}));
  query.metrics = Filter::any(
      {Filter::compare(Op::like, "name", "disk.%"), Filter::compare(Op::eq, "unit", "nothing")});
  EXPECT_EQ(found(query), (Texts{"1 disk.a", "0 disk.a"}));
  query.metrics = Filter::compare(Op::eq, "name", "absent");
  EXPECT_EQ(found(query), Texts{});
  query.metrics.reset();
  EXPECT_EQ(found(query).size(), 4U);
  query.filter.reset();
  EXPECT_EQ(found(query).size(), 5U);
  query.limit = 3;
  EXPECT_EQ(found(query).size(), 3U);
}

TEST_F(IndexerResourceMetrics, FieldsOfTheResourceComeInTheirOrder) {
  ResourceMetricQuery query = query_of_user();
  query.metrics = Filter::compare(Op::eq, "name", "cpu");
  query.fields = {"attributes.s", "id", "attributes.n", "started_at"};
  query.sorts = {{"attributes.s", Sort::Direction::descending}};
  const auto rows = resources().list_metrics(query);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].values.at(0), Value("b"));
  EXPECT_EQ(rows[0].values.at(1), Value(static_cast<const Uuid&>(resources_[0])));
  EXPECT_EQ(rows[0].values.at(2), Value());
  EXPECT_TRUE(std::holds_alternative<Timestamp>(rows[0].values.at(3)));
  EXPECT_EQ(rows[0].metric.archive_policy_name, policy());
  EXPECT_EQ(rows[0].metric.resource_id, resources_[0]);
  EXPECT_FALSE(rows[0].metric.resource);
  query.with_resource = true;
  const auto whole = resources().list_metrics(query);
  ASSERT_EQ(whole.size(), 2U);
  ASSERT_TRUE(whole[1].metric.resource);
  EXPECT_EQ(whole[1].metric.resource->id, resources_[1]);
  EXPECT_EQ(whole[1].metric.resource->user_id, user_);
  EXPECT_EQ(whole[1].values.at(0), Value("a"));
}

TEST_F(IndexerResourceMetrics, PastRevisionsHaveTheMetricsToo) {
  ResourceChange change;
  change.attributes["s"] = "later";
  resources().update(type_, resources_[0], change);
  ResourceMetricQuery query = query_of_user();
  query.filter = Filter::compare(Op::eq, "id", static_cast<const Uuid&>(resources_[0]));
  query.metrics = Filter::compare(Op::eq, "name", "cpu");
  query.fields = {"attributes.s", "revision", "revision_start", "revision_end"};
  EXPECT_EQ(found(query), (Texts{"0 cpu"}));
  query.history = true;
  query.with_resource = true;
  query.sorts = {{"revision_start"}};
  const auto rows = resources().list_metrics(query);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].values.at(0), Value("b"));
  EXPECT_EQ(rows[1].values.at(0), Value("later"));
  EXPECT_EQ(rows[1].values.at(1), Value(std::int64_t{-1}));
  EXPECT_EQ(rows[0].values.at(3), rows[1].values.at(2)) << "one ends where the next begins";
  EXPECT_EQ(rows[1].values.at(3), Value());
  EXPECT_EQ(rows[0].metric.id, rows[1].metric.id);
  EXPECT_TRUE(rows[0].metric.resource->revision_end);
}

TEST_F(IndexerResourceMetrics, DeletedMetricsAreNotThere) {
  ResourceMetricQuery query = query_of_user();
  query.metrics = Filter::compare(Op::eq, "name", "cpu");
  const auto rows = resources().list_metrics(query);
  ASSERT_EQ(rows.size(), 2U);
  metrics().mark_deleted(rows[0].metric.id);
  EXPECT_EQ(resources().list_metrics(query).size(), 1U);
}

TEST_F(IndexerResourceMetrics, CombinationsOfValuesComeOnce) {
  add("A", user_, {});
  add("a", user_, {});
  ResourceValuesQuery query{type_, Filter::compare(Op::eq, "user_id", user_), {"attributes.s"}, {}};
  auto found = resources().list_values(query);
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (Combinations{{"A"}, {"a"}, {"b"}})) << "with metrics or without";
  query.fields = {"attributes.n", "attributes.s", "started_at"};
  query.sorts = {{"attributes.s", Sort::Direction::descending}};
  found = resources().list_values(query);
  ASSERT_EQ(found.size(), 4U) << "no two of them started at one time";
  EXPECT_EQ(found[0].at(0), Value());
  EXPECT_EQ(found[0].at(1), Value("b"));
  EXPECT_TRUE(std::holds_alternative<Timestamp>(found[0].at(2)));
  query.limit = 1;
  EXPECT_EQ(resources().list_values(query).size(), 1U);
  query.filter = Filter::compare(Op::eq, "user_id", fresh_name("user-"));
  EXPECT_EQ(resources().list_values(query), Combinations{});
  query.fields = {"attributes.zzz"};
  EXPECT_EQ(refusal([&] { resources().list_values(query); }),
            because(Reason::invalid_value, Subject::attribute));
}

TEST_F(IndexerResourceMetrics, WhatItDoesNotKnowIsRefused) {
  const auto refused = [&](auto change) {
    ResourceMetricQuery query = query_of_user();
    change(query);
    return refusal([&] { resources().list_metrics(query); });
  };
  EXPECT_EQ(refused([](auto& query) { query.type = fresh_name("type-"); }),
            because(Reason::no_such_parent, Subject::resource_type));
  EXPECT_EQ(refused([](auto& query) { query.sorts = {{"attributes.zzz"}}; }),
            because(Reason::invalid_value, Subject::pagination));
  EXPECT_EQ(refused([](auto& query) { query.fields = {"attributes.zzz"}; }),
            because(Reason::invalid_value, Subject::attribute));
  EXPECT_EQ(refused([](auto& query) {
              query.metrics = Filter::compare(Op::eq, "resource.user_id", "u");
            }),
            because(Reason::invalid_value, Subject::attribute));
}

}  // namespace
}  // namespace gnocchi::kit
