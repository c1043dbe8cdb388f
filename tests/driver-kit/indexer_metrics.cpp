// Indexer: metrics, one and many.
#include <algorithm>
#include <set>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

class IndexerMetrics : public IndexerCase {
 protected:
  std::vector<Metric> get(const MetricId& id) { return metrics().get(std::vector{id}, false); }

  ResourceId make_resource() {
    const NewResource resource = new_resource();
    resources().create(resource);
    return resource.id;
  }

  /// The metric with its status, wherever it is.
  std::optional<MetricStatus> status(const MetricId& id) {
    for (const MetricStatus which : {MetricStatus::active, MetricStatus::deleted}) {
      MetricQuery query;
      query.status = which;
      query.filter = Filter::compare(Filter::Op::eq, "id", Value(static_cast<const Uuid&>(id)));
      if (!metrics().list(query).empty()) return which;
    }
    return std::nullopt;
  }
};

TEST_F(IndexerMetrics, AMetricIsReadBackAsItWasMade) {
  NewMetric metric = named_metric(make_resource(), "cpu");
  metric.unit = "ns";
  const Metric made = metrics().create(metric);
  EXPECT_EQ(made.id, metric.id);
  const auto read = get(metric.id);
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read[0].archive_policy_name, policy());
  EXPECT_EQ(read[0].creator, "user:project");
  EXPECT_EQ(read[0].name, "cpu");
  EXPECT_EQ(read[0].unit, "ns");
  EXPECT_EQ(read[0].resource_id, metric.resource_id);
  EXPECT_EQ(read[0].status, MetricStatus::active);
  EXPECT_FALSE(read[0].resource);
}

TEST_F(IndexerMetrics, NothingButAPolicyIsNeeded) {
  NewMetric metric = new_metric();
  metric.creator.reset();
  metrics().create(metric);
  const auto read = get(metric.id);
  ASSERT_EQ(read.size(), 1U);
  EXPECT_FALSE(read[0].creator || read[0].name || read[0].unit || read[0].resource_id);
}

TEST_F(IndexerMetrics, TheResourceComesAlongWhenAskedFor) {
  NewResource resource = new_resource();
  resource.project_id = "p1";
  resources().create(resource);
  const NewMetric on = named_metric(resource.id, "cpu"), off = new_metric();
  metrics().create(on);
  metrics().create(off);
  for (const Metric& metric : metrics().get(std::vector{on.id, off.id}, true)) {
    EXPECT_EQ(metric.resource.has_value(), metric.id == on.id);
    if (metric.resource) {
      EXPECT_EQ(metric.resource->id, resource.id);
      EXPECT_EQ(metric.resource->project_id, "p1");
    }
  }
}

TEST_F(IndexerMetrics, CreationIsRefusedWithItsReason) {
  NewMetric metric = new_metric();
  metric.archive_policy_name = fresh_name("policy-");
  EXPECT_EQ(refusal([&] { metrics().create(metric); }),
            because(Reason::no_such_parent, Subject::archive_policy));
  EXPECT_EQ(refusal([&] { metrics().create(named_metric(fresh_resource(), "x")); }),
            because(Reason::no_such_parent, Subject::resource));
  const ResourceId resource = make_resource();
  metrics().create(named_metric(resource, "x"));
  EXPECT_EQ(refusal([&] { metrics().create(named_metric(resource, "x")); }),
            because(Reason::already_exists, Subject::named_metric));
}

TEST_F(IndexerMetrics, ADeletedMetricGivesItsNameFree) {
  const ResourceId resource = make_resource();
  const NewMetric first = named_metric(resource, "x"), second = named_metric(resource, "x");
  metrics().create(first);
  metrics().mark_deleted(first.id);
  EXPECT_TRUE(get(first.id).empty());
  EXPECT_EQ(status(first.id), MetricStatus::deleted);
  metrics().create(second);
  EXPECT_EQ(refusal([&] { metrics().mark_deleted(first.id); }),
            because(Reason::no_such_parent, Subject::metric));
  EXPECT_EQ(refusal([&] { metrics().mark_deleted(fresh_metric()); }),
            because(Reason::no_such_parent, Subject::metric));
}

TEST_F(IndexerMetrics, ExpungeRemovesOnlyDeletedOnes) {
  const NewMetric dead = new_metric(), alive = new_metric();
  metrics().create(dead);
  metrics().create(alive);
  metrics().mark_deleted(dead.id);
  metrics().expunge(std::vector{dead.id, alive.id, fresh_metric()});
  EXPECT_EQ(status(dead.id), std::nullopt);
  EXPECT_EQ(status(alive.id), MetricStatus::active);
}

TEST_F(IndexerMetrics, TouchTakesAnyIds) {
  const NewMetric metric = new_metric();
  metrics().create(metric);
  metrics().touch(std::vector{metric.id, fresh_metric()}, at(1700000000), {});
  metrics().touch({}, at(1700000000), {});
  EXPECT_EQ(get(metric.id).size(), 1U);
}

TEST_F(IndexerMetrics, AResourceIsInactiveWhenAllItsMetricsAre) {
  using namespace std::chrono_literals;
  const ResourceId both = make_resource(), none = make_resource(), bare = make_resource();
  const NewMetric a = named_metric(both, "a"), b = named_metric(both, "b"),
                  c = named_metric(none, "c"), gone = named_metric(none, "gone");
  for (const NewMetric& metric : {a, b, c, gone}) metrics().create(metric);
  metrics().mark_deleted(gone.id);
  const Timestamp past = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto inactive = [&](Timestamp since) {
    std::set<ResourceId> found;
    for (const ResourceBase& resource : resources().list_inactive(since, 1'000'000)) {
      for (const ResourceId& own : {both, none, bare}) {
        if (resource.id == own) found.insert(own);
      }
    }
    return found;
  };
  EXPECT_EQ(inactive(past - 1h), std::set<ResourceId>{}) << "they have just been made";
  EXPECT_EQ(inactive(past + 1h), (std::set<ResourceId>{both, none}));
  metrics().touch(std::vector{a.id, b.id, c.id}, past + 2h, {});
  EXPECT_EQ(inactive(past + 1h), std::set<ResourceId>{});
  EXPECT_EQ(inactive(past + 3h), (std::set<ResourceId>{both, none}));
  metrics().touch(std::vector{a.id}, past + 4h, {});
  EXPECT_EQ(inactive(past + 3h), (std::set<ResourceId>{none})) << "one of them is active";
  metrics().touch(std::vector{c.id}, past + 4h, 3h);
  EXPECT_EQ(inactive(past + 3h), (std::set<ResourceId>{none})) << "within the slack";
  metrics().touch(std::vector{c.id}, past + 4h, 1h);
  EXPECT_EQ(inactive(past + 3h), std::set<ResourceId>{});

  ResourceChange change;
  change.ended_at = std::optional<Timestamp>(past + 5h);
  resources().update("generic", both, change);
  EXPECT_EQ(inactive(past + 6h), (std::set<ResourceId>{none})) << "the other has ended";
  EXPECT_EQ(resources().list_inactive(past + 6h, 0).size(), 0U);
}

TEST_F(IndexerMetrics, ASmallerBackWindowMarksThePolicysMetrics) {
  const NewMetric metric = new_metric();
  NewMetric other = new_metric();
  ArchivePolicy changed = policy_named(policy());
  ArchivePolicy elsewhere = policy_named(fresh_name("policy-"));
  policies().create(elsewhere);
  other.archive_policy_name = elsewhere.name;
  metrics().create(metric);
  metrics().create(other);
  const auto marked = [&] {
    std::set<MetricId> found;
    MetricQuery query;
    query.needs_truncation = true;
    query.filter = Filter::one_of("id", {Value(static_cast<const Uuid&>(metric.id)),
                                         Value(static_cast<const Uuid&>(other.id))});
    for (const Metric& one : metrics().list(query)) found.insert(one.id);
    return found;
  };
  EXPECT_EQ(marked(), std::set<MetricId>{});
  changed.back_window = 5;
  policies().update(changed);
  EXPECT_EQ(marked(), std::set<MetricId>{}) << "it grew";
  const ArchivePolicy before = changed;
  changed.back_window = 1;
  policies().update(changed);
  EXPECT_EQ(marked(), std::set<MetricId>{metric.id});
  metrics().unmark_truncated(std::vector{metric.id}, before);
  EXPECT_EQ(marked(), std::set<MetricId>{metric.id}) << "truncated to what is no longer in force";
  metrics().unmark_truncated(std::vector{metric.id, other.id, fresh_metric()}, changed);
  metrics().unmark_truncated({}, changed);
  EXPECT_EQ(marked(), std::set<MetricId>{});
}

TEST_F(IndexerMetrics, GetLeavesOutTheUnknown) {
  std::vector<NewMetric> made(1200);
  for (NewMetric& metric : made) metric = new_metric();
  for (const MetricCreation outcome : metrics().create(made)) {
    EXPECT_EQ(outcome, MetricCreation::created);
  }
  std::vector<MetricId> asked{fresh_metric(), fresh_metric()};
  std::set<MetricId> expected;
  for (const NewMetric& metric : made) {
    asked.push_back(metric.id);
    expected.insert(metric.id);
  }
  const auto found = ids_of(metrics().get(asked, false));
  EXPECT_EQ(std::set<MetricId>(found.begin(), found.end()), expected);
  EXPECT_EQ(found.size(), expected.size());
  EXPECT_TRUE(metrics().get({}, false).empty());
}

TEST_F(IndexerMetrics, NamedOnesAreFoundByTheirExactNames) {
  const ResourceId one = make_resource(), two = make_resource();
  const NewMetric cpu = named_metric(one, "cpu"), memory = named_metric(one, "memory"),
                  other = named_metric(two, "cpu");
  for (const NewMetric& metric : {cpu, memory, other}) metrics().create(metric);
  const auto found = ids_of(metrics().get_named(std::vector<NamedMetric>{{one, "cpu"},
                                                                         {two, "cpu"},
                                                                         {two, "memory"},
                                                                         {one, "CPU"},
                                                                         {one, "cpu "},
                                                                         {fresh_resource(), "cpu"}},
                                                false));
  EXPECT_EQ(std::set<MetricId>(found.begin(), found.end()), (std::set<MetricId>{cpu.id, other.id}));
  EXPECT_EQ(found.size(), 2U);
}

TEST_F(IndexerMetrics, ThousandsOfNamesAreFoundAtOnce) {
  std::vector<NewMetric> made;
  std::vector<NamedMetric> names;
  for (int r = 0; r < 30; ++r) {
    const ResourceId resource = make_resource();
    for (int m = 0; m < 50; ++m) {
      made.push_back(named_metric(resource, "metric " + std::to_string(m)));
      names.push_back({resource, *made.back().name});
    }
  }
  metrics().create(made);
  EXPECT_EQ(metrics().get_named(names, true).size(), made.size());
}

TEST_F(IndexerMetrics, EachOfManyHasItsOwnOutcome) {
  const ResourceId resource = make_resource();
  metrics().create(named_metric(resource, "taken"));
  NewMetric no_policy = named_metric(resource, "a");
  no_policy.archive_policy_name = fresh_name("policy-");
  const std::vector<NewMetric> wanted{named_metric(resource, "b"),
                                      named_metric(resource, "taken"),
                                      no_policy,
                                      named_metric(fresh_resource(), "c"),
                                      named_metric(resource, "twice"),
                                      named_metric(resource, "twice"),
                                      new_metric()};
  EXPECT_EQ(metrics().create(wanted),
            (std::vector<MetricCreation>{MetricCreation::created, MetricCreation::name_taken,
                                         MetricCreation::no_such_archive_policy,
                                         MetricCreation::no_such_resource, MetricCreation::created,
                                         MetricCreation::name_taken, MetricCreation::created}));
  EXPECT_EQ(get(wanted[0].id).size(), 1U);
  EXPECT_TRUE(get(wanted[1].id).empty());
  EXPECT_EQ(get(wanted[4].id).size(), 1U);
  EXPECT_TRUE(get(wanted[5].id).empty());
  EXPECT_EQ(metrics().create(std::span<const NewMetric>{}), std::vector<MetricCreation>{});
}

TEST_F(IndexerMetrics, AwkwardTextsAreJustTexts) {
  const ResourceId resource = make_resource();
  for (const std::string& text : awkward_texts()) {
    NewMetric metric = named_metric(resource, text);
    metric.creator = text;
    metrics().create(metric);
    const auto found = metrics().get_named(std::vector<NamedMetric>{{resource, text}}, false);
    ASSERT_EQ(found.size(), 1U) << text;
    EXPECT_EQ(found[0].creator, text);
    MetricQuery query;
    query.filter = Filter::all({Filter::compare(Filter::Op::eq, "name", text),
                                Filter::compare(Filter::Op::eq, "resource_id",
                                                Value(static_cast<const Uuid&>(resource)))});
    EXPECT_EQ(ids_of(metrics().list(query)), std::vector{metric.id}) << text;
  }
}

}  // namespace
}  // namespace gnocchi::kit
