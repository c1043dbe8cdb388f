// Indexer: resources, their attributes and metrics, and their history.
#include <algorithm>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

class IndexerResources : public IndexerCase {
 protected:
  std::vector<Resource> history(const std::string& type, const ResourceId& id) {
    ResourceQuery query;
    query.type = type;
    query.history = true;
    query.filter = Filter::compare(Filter::Op::eq, "id", Value(static_cast<const Uuid&>(id)));
    query.sorts = {{"revision_start"}};
    return resources().list(query);
  }
};

TEST_F(IndexerResources, AResourceIsReadBackAsItWasMade) {
  NewResource wanted = new_resource();
  wanted.user_id = "u";
  wanted.project_id = "p";
  wanted.original_resource_id = "the/original id";
  wanted.started_at = at(1400000000, 123456);
  wanted.ended_at = at(1500000000);
  const Resource made = resources().create(wanted);
  const auto read = resources().get("generic", wanted.id, true);
  ASSERT_TRUE(read);
  for (const Resource* resource : {&made, &*read}) {
    EXPECT_EQ(resource->id, wanted.id);
    EXPECT_EQ(resource->type, "generic");
    EXPECT_EQ(resource->creator, "user:project");
    EXPECT_EQ(resource->user_id, "u");
    EXPECT_EQ(resource->project_id, "p");
    EXPECT_EQ(resource->original_resource_id, "the/original id");
    EXPECT_EQ(resource->started_at, wanted.started_at);
    EXPECT_EQ(resource->ended_at, wanted.ended_at);
    EXPECT_EQ(resource->revision_start, made.revision_start);
    EXPECT_EQ(resource->revision_end, std::nullopt);
    EXPECT_TRUE(resource->metrics.empty());
  }
}

TEST_F(IndexerResources, WithoutAStartItStartsNow) {
  const Timestamp before =
      std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const Resource made = resources().create(new_resource());
  EXPECT_GE(made.started_at, before);
  EXPECT_EQ(made.started_at, made.revision_start);
}

TEST_F(IndexerResources, AttributesOfAllKindsAreKept) {
  NewResource wanted = new_resource(make_type());
  wanted.attributes = {{"s", "it's :x \\ \"q\""},
                       {"u", Uuid::random()},
                       {"n", 0.1 + 0.2},
                       {"b", true},
                       {"d", at(1400000000, 1)}};
  const Resource made = resources().create(wanted);
  EXPECT_EQ(made.attributes, wanted.attributes);
  const auto read = resources().get(wanted.type, wanted.id, false);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->attributes, wanted.attributes);
  const auto shared = resources().get("generic", wanted.id, false);
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->type, wanted.type);
  EXPECT_TRUE(shared->attributes.empty());
}

TEST_F(IndexerResources, NumbersAreExact) {
  const std::string type = make_type();
  for (const double number : {0.1, 1.0 / 3, 1e-300, 123456789.987654321, -5.4, 9007199254740993.0,
                              1.7976931348623157e300, 5e-324, 2.0, 0.0}) {
    NewResource wanted = new_resource(type);
    wanted.attributes = {{"s", ""}, {"n", number}};
    resources().create(wanted);
    EXPECT_EQ(resources().get(type, wanted.id, false)->attributes.at("n"), Value(number)) << number;
  }
}

TEST_F(IndexerResources, AbsentAttributesAreNull) {
  NewResource wanted = new_resource(make_type());
  wanted.attributes = {{"s", ""}};
  const Resource made = resources().create(wanted);
  EXPECT_EQ(made.attributes.size(), 5U);
  EXPECT_EQ(made.attributes.at("n"), Value{});
  EXPECT_EQ(resources().get(wanted.type, wanted.id, false)->attributes, made.attributes);
}

TEST_F(IndexerResources, AttributesThatDoNotFitAreRefused) {
  const auto bad = because(Reason::invalid_value, Subject::attribute);
  const std::string type = make_type();
  NewResource wanted = new_resource(type);
  EXPECT_EQ(refusal([&] { resources().create(wanted); }), bad) << "s is required";
  wanted.attributes = {{"s", 3.0}};
  EXPECT_EQ(refusal([&] { resources().create(wanted); }), bad);
  wanted.attributes = {{"s", "x"}, {"other", "y"}};
  EXPECT_EQ(refusal([&] { resources().create(wanted); }), bad);
  EXPECT_FALSE(resources().get("generic", wanted.id, false)) << "nothing half-made";
}

TEST_F(IndexerResources, CreationIsRefusedWithItsReason) {
  const NewResource wanted = new_resource();
  resources().create(wanted);
  EXPECT_EQ(refusal([&] { resources().create(wanted); }),
            because(Reason::already_exists, Subject::resource));
  EXPECT_EQ(refusal([&] { resources().create(new_resource(fresh_name("type-"))); }),
            because(Reason::no_such_parent, Subject::resource_type));
  NewResource backwards = new_resource();
  backwards.started_at = at(20);
  backwards.ended_at = at(10);
  EXPECT_EQ(refusal([&] { resources().create(backwards); }),
            because(Reason::invalid_value, Subject::attribute));
}

TEST_F(IndexerResources, MetricsAreMadeAndAttachedWithIt) {
  NewMetric loose = new_metric();
  metrics().create(loose);
  NewResource wanted = new_resource();
  wanted.metrics = {creating("new"), {"loose", loose.id, std::nullopt}, creating("another")};
  const Resource made = resources().create(wanted);
  EXPECT_EQ(names_of(made.metrics), (std::vector<std::string>{"another", "loose", "new"}));
  EXPECT_EQ(made.metrics[1].id, loose.id);
  const auto read = resources().get("generic", wanted.id, true);
  ASSERT_TRUE(read);
  EXPECT_EQ(ids_of(read->metrics), ids_of(made.metrics));
  EXPECT_TRUE(resources().get("generic", wanted.id, false)->metrics.empty());
}

TEST_F(IndexerResources, MetricsThatCannotBeAssignedAreRefused) {
  NewResource wanted = new_resource();
  wanted.metrics = {{"x", fresh_metric(), std::nullopt}};
  const auto no_metric = because(Reason::no_such_parent, Subject::metric);
  EXPECT_EQ(refusal([&] { resources().create(wanted); }), no_metric);
  NewMetric foreign = new_metric();
  foreign.creator = "somebody:else";
  metrics().create(foreign);
  wanted.metrics = {{"x", foreign.id, std::nullopt}};
  EXPECT_EQ(refusal([&] { resources().create(wanted); }), no_metric) << "of another creator";
  wanted.metrics = {creating("x")};
  wanted.metrics[0].created->archive_policy_name = fresh_name("policy-");
  EXPECT_EQ(refusal([&] { resources().create(wanted); }),
            because(Reason::no_such_parent, Subject::archive_policy));
  wanted.metrics = {creating("x"), creating("x")};
  EXPECT_EQ(refusal([&] { resources().create(wanted); }),
            because(Reason::already_exists, Subject::named_metric));
  EXPECT_FALSE(resources().get("generic", wanted.id, false)) << "nothing half-made";
}

TEST_F(IndexerResources, AnUpdateKeepsTheOldRowAsARevision) {
  const std::string type = make_type();
  NewResource wanted = new_resource(type);
  wanted.attributes = {{"s", "old"}, {"n", 1.5}};
  wanted.metrics = {creating("cpu")};
  const Resource made = resources().create(wanted);
  ResourceChange change;
  change.user_id = std::optional<std::string>("new user");
  change.attributes = {{"s", "new"}};
  const Resource changed = resources().update(type, wanted.id, change);
  EXPECT_EQ(changed.user_id, "new user");
  EXPECT_EQ(changed.attributes.at("s"), Value("new"));
  EXPECT_EQ(changed.attributes.at("n"), Value(1.5)) << "what is not named stays";
  EXPECT_GT(changed.revision_start, made.revision_start);
  EXPECT_EQ(names_of(changed.metrics), std::vector<std::string>{"cpu"});

  const auto revisions = history(type, wanted.id);
  ASSERT_EQ(revisions.size(), 2U);
  EXPECT_EQ(revisions[0].attributes.at("s"), Value("old"));
  EXPECT_EQ(revisions[0].user_id, std::nullopt);
  EXPECT_EQ(revisions[0].revision_start, made.revision_start);
  EXPECT_EQ(revisions[0].revision_end, changed.revision_start);
  EXPECT_GT(revisions[0].revision.value(), 0);
  EXPECT_EQ(revisions[1].attributes, changed.attributes);
  EXPECT_EQ(revisions[1].revision_end, std::nullopt);
  EXPECT_EQ(revisions[1].revision, -1);
  EXPECT_EQ(names_of(revisions[0].metrics), std::vector<std::string>{"cpu"});
}

TEST_F(IndexerResources, AnUpdateMayLeaveTheHistoryAlone) {
  const NewResource wanted = new_resource();
  const Resource made = resources().create(wanted);
  ResourceChange change;
  change.create_revision = false;
  change.metrics = {creating("cpu")};
  const Resource changed = resources().update("generic", wanted.id, change);
  EXPECT_EQ(changed.revision_start, made.revision_start);
  EXPECT_EQ(changed.metrics.size(), 1U);
  EXPECT_EQ(history("generic", wanted.id).size(), 1U);
}

TEST_F(IndexerResources, OriginalIdsHave289Characters) {
  NewResource wanted = new_resource();
  wanted.original_resource_id.clear();
  for (int i = 0; i < 289; ++i) wanted.original_resource_id += "\xc3\xbc";
  resources().create(wanted);
  ResourceChange change;
  change.user_id = std::optional<std::string>("u");
  resources().update("generic", wanted.id, change);
  for (const Resource& resource : history("generic", wanted.id)) {
    EXPECT_EQ(resource.original_resource_id, wanted.original_resource_id);
  }
}

TEST_F(IndexerResources, AnUpdateThatAltersNothingLeavesNoRevision) {
  const std::string type = make_type();
  NewResource wanted = new_resource(type);
  wanted.attributes = {{"s", "same"}, {"n", 1.5}};
  wanted.user_id = "u";
  const Resource made = resources().create(wanted);
  ResourceChange change;
  change.attributes = {{"s", "same"}, {"n", 1.5}};
  change.user_id = std::optional<std::string>("u");
  change.ended_at = std::optional<Timestamp>();
  EXPECT_EQ(resources().update(type, wanted.id, change).revision_start, made.revision_start);
  EXPECT_EQ(history(type, wanted.id).size(), 1U);
  ResourceChange end;
  end.ended_at = std::optional<Timestamp>(at(1900000000));
  resources().update("generic", wanted.id, end);
  resources().update("generic", wanted.id, end);
  EXPECT_EQ(history(type, wanted.id).size(), 2U) << "as when two janitors end it";
}

TEST_F(IndexerResources, AnUpdateByWayOfGenericKeepsAttributesInTheHistory) {
  const std::string type = make_type();
  NewResource wanted = new_resource(type);
  wanted.attributes = {{"s", "kept"}};
  resources().create(wanted);
  ResourceChange change;
  change.project_id = std::optional<std::string>("p");
  resources().update("generic", wanted.id, change);
  const auto revisions = history(type, wanted.id);
  ASSERT_EQ(revisions.size(), 2U);
  EXPECT_EQ(revisions[0].attributes.at("s"), Value("kept"));
}

TEST_F(IndexerResources, FieldsAreClearedOnlyWhenAsked) {
  NewResource wanted = new_resource(make_type());
  wanted.user_id = "u";
  wanted.ended_at = at(1900000000);
  wanted.attributes = {{"s", ""}, {"b", true}};
  resources().create(wanted);
  ResourceChange change;
  change.user_id = std::optional<std::string>();
  change.ended_at = std::optional<Timestamp>();
  change.attributes = {{"b", Value{}}};
  const Resource changed = resources().update(wanted.type, wanted.id, change);
  EXPECT_EQ(changed.user_id, std::nullopt);
  EXPECT_EQ(changed.ended_at, std::nullopt);
  EXPECT_EQ(changed.attributes.at("b"), Value{});
  const auto read = resources().get(wanted.type, wanted.id, false);
  EXPECT_EQ(read->attributes, changed.attributes);
  EXPECT_EQ(read->ended_at, std::nullopt);
}

TEST_F(IndexerResources, UpdatesAreRefusedWithTheirReason) {
  const std::string type = make_type();
  NewResource wanted = new_resource(type);
  wanted.started_at = at(1000);
  wanted.attributes = {{"s", ""}};
  wanted.metrics = {creating("taken")};
  resources().create(wanted);
  EXPECT_EQ(refusal([&] { resources().update(type, fresh_resource(), {}); }),
            because(Reason::no_such_parent, Subject::resource));
  EXPECT_EQ(refusal([&] { resources().update(fresh_name("type-"), wanted.id, {}); }),
            because(Reason::no_such_parent, Subject::resource_type));
  ResourceChange early;
  early.ended_at = std::optional<Timestamp>(at(999));
  EXPECT_EQ(refusal([&] { resources().update(type, wanted.id, early); }),
            because(Reason::invalid_value, Subject::attribute));
  ResourceChange unknown;
  unknown.attributes = {{"other", "x"}};
  EXPECT_EQ(refusal([&] { resources().update(type, wanted.id, unknown); }),
            because(Reason::invalid_value, Subject::attribute));
  ResourceChange missing;
  missing.attributes = {{"s", Value{}}};
  EXPECT_EQ(refusal([&] { resources().update(type, wanted.id, missing); }),
            because(Reason::invalid_value, Subject::attribute));
  ResourceChange metric;
  metric.metrics = {creating("taken")};
  EXPECT_EQ(refusal([&] { resources().update(type, wanted.id, metric); }),
            because(Reason::already_exists, Subject::named_metric));
  EXPECT_EQ(history(type, wanted.id).size(), 1U) << "refused changes leave no revision";
}

TEST_F(IndexerResources, MetricsAreReplacedOrAdded) {
  NewResource wanted = new_resource();
  wanted.metrics = {creating("a"), creating("b")};
  const Resource made = resources().create(wanted);
  const MetricId a = made.metrics[0].id, b = made.metrics[1].id;
  ResourceChange add;
  add.metrics = {creating("c")};
  EXPECT_EQ(names_of(resources().update("generic", wanted.id, add).metrics),
            (std::vector<std::string>{"a", "b", "c"}));
  ResourceChange swap;  // two that take each other's names
  swap.replace_metrics = true;
  swap.metrics = {{"b", a, std::nullopt}, {"a", b, std::nullopt}};
  const auto swapped = resources().update("generic", wanted.id, swap).metrics;
  ASSERT_EQ(names_of(swapped), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ids_of(swapped), (std::vector{b, a}));
  EXPECT_EQ(metrics().get(std::vector{a, b}, false).size(), 2U);
  ResourceChange none;
  none.replace_metrics = true;
  EXPECT_TRUE(resources().update("generic", wanted.id, none).metrics.empty());
  EXPECT_EQ(metrics().get(std::vector{a, b}, false).size(), 2U) << "detached, not deleted";
}

TEST_F(IndexerResources, RemovalTakesMetricsAndHistoryAlong) {
  const std::string type = make_type();
  NewResource wanted = new_resource(type);
  wanted.attributes = {{"s", ""}};
  wanted.metrics = {creating("cpu")};
  const Resource made = resources().create(wanted);
  resources().update(type, wanted.id, {});
  resources().remove(wanted.id);
  EXPECT_FALSE(resources().get(type, wanted.id, false));
  EXPECT_TRUE(history(type, wanted.id).empty());
  EXPECT_TRUE(metrics().get(std::vector{made.metrics[0].id}, false).empty());
  MetricQuery deleted;
  deleted.status = MetricStatus::deleted;
  deleted.filter =
      Filter::compare(Filter::Op::eq, "id", Value(static_cast<const Uuid&>(made.metrics[0].id)));
  EXPECT_EQ(metrics().list(deleted).size(), 1U);
  EXPECT_EQ(refusal([&] { resources().remove(wanted.id); }),
            because(Reason::no_such_parent, Subject::resource));
  wanted.metrics.clear();
  resources().create(wanted);  // the id is free again
}

TEST_F(IndexerResources, MatchingOnesAreRemovedTogether) {
  const std::string type = make_type(), mark = fresh_name("");
  std::vector<MetricId> made;
  for (int i = 0; i < 25; ++i) {
    NewResource wanted = new_resource(type);
    wanted.attributes = {{"s", mark}, {"n", static_cast<double>(i)}};
    wanted.metrics = {creating("m")};
    made.push_back(resources().create(wanted).metrics[0].id);
  }
  const auto some = Filter::all({Filter::compare(Filter::Op::eq, "attributes.s", mark),
                                 Filter::compare(Filter::Op::lt, "attributes.n", 20.0)});
  EXPECT_EQ(resources().remove_matching(type, some), 20U);
  EXPECT_EQ(resources().remove_matching(type, some), 0U);
  EXPECT_EQ(metrics().get(made, false).size(), 5U);
  ResourceQuery rest;
  rest.type = type;
  EXPECT_EQ(resources().list(rest).size(), 5U);
  EXPECT_EQ(refusal([&] {
              resources().remove_matching(type, Filter::compare(Filter::Op::eq, "other", "x"));
            }),
            because(Reason::invalid_value, Subject::attribute));
}

}  // namespace
}  // namespace gnocchi::kit
