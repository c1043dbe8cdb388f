// Indexer: filters of every kind, on resources and on metrics, NULLs among them.
#include <set>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

using Op = Filter::Op;

/// Four resources of one type:
///   a  user u1  n 1.5   b true   d 100 s  s "Alpha"   lives 10 s, ended
///   b  user U1  n -2    b false  d null   s "alpha"   lives 20 s, ended
///   c  no user  n null  b null   d 200 s  s "it's 100%"  started long ago, not ended
///   d  user u2  n 1e9   b true   d 300 s  s ""        creator without project
class IndexerFilters : public IndexerCase {
 protected:
  void prepare(IndexerDriver& indexer) override {
    IndexerCase::prepare(indexer);
    type_ = make_type_of(indexer);
    add(indexer, "u1", "p1:x", {{"n", 1.5}, {"b", true}, {"d", at(100)}, {"s", "Alpha"}}, at(1000),
        at(1010));
    add(indexer, "U1", "p1:y:z", {{"n", -2.0}, {"b", false}, {"s", "alpha"}}, at(1000), at(1020));
    add(indexer, std::nullopt, std::nullopt, {{"d", at(200)}, {"s", "it's 100%"}}, at(1001),
        std::nullopt);
    add(indexer, "u2", "P1", {{"n", 1e9}, {"b", true}, {"d", at(300)}, {"s", ""}, {"u", uuid_}},
        at(1002), std::nullopt);
  }

  /// The letters of those that match.
  std::string matching(Filter filter, bool history = false) {
    ResourceQuery query;
    query.type = type_;
    query.filter = std::move(filter);
    query.history = history;
    query.metrics = false;
    std::set<char> letters;
    for (const Resource& resource : resources().list(query)) {
      for (std::size_t i = 0; i < ids_.size(); ++i) {
        if (ids_[i] == resource.id) letters.insert(static_cast<char>('a' + i));
      }
    }
    return {letters.begin(), letters.end()};
  }

  std::string matching(Op op, const std::string& field, Value value) {
    return matching(Filter::compare(op, field, std::move(value)));
  }

  const std::string& type() const { return type_; }
  const ResourceId& id(char letter) const {
    return ids_.at(static_cast<std::size_t>(letter - 'a'));
  }
  const Uuid& uuid() const { return uuid_; }

 private:
  static std::string make_type_of(IndexerDriver& indexer) {
    ResourceType type;
    type.name = fresh_name("type-");
    type.attributes["s"] = {AttributeType::string, true, 0, 100, {}, {}};
    type.attributes["u"] = {AttributeType::uuid, false, {}, {}, {}, {}};
    type.attributes["n"] = {AttributeType::number, false, {}, {}, {}, {}};
    type.attributes["b"] = {AttributeType::boolean, false, {}, {}, {}, {}};
    type.attributes["d"] = {AttributeType::datetime, false, {}, {}, {}, {}};
    indexer.resource_types().create(type);
    return type.name;
  }

  void add(IndexerDriver& indexer, std::optional<std::string> user,
           std::optional<std::string> creator, std::map<std::string, Value> attributes,
           Timestamp start, std::optional<Timestamp> end) {
    NewResource resource = new_resource(type_);
    resource.user_id = std::move(user);
    resource.creator = std::move(creator);
    resource.attributes = std::move(attributes);
    resource.started_at = start;
    resource.ended_at = end;
    ids_.push_back(resource.id);
    indexer.resources().create(resource);
  }

  std::string type_;
  std::vector<ResourceId> ids_;
  const Uuid uuid_ = Uuid::random();
};

TEST_F(IndexerFilters, EqualityOfTextsIsExact) {
  EXPECT_EQ(matching(Op::eq, "user_id", "u1"), "a");
  EXPECT_EQ(matching(Op::eq, "user_id", "U1"), "b");
  EXPECT_EQ(matching(Op::eq, "user_id", "u1 "), "");
  EXPECT_EQ(matching(Op::eq, "attributes.s", "Alpha"), "a");
  EXPECT_EQ(matching(Op::eq, "attributes.s", ""), "d");
  EXPECT_EQ(matching(Op::eq, "attributes.s", "\xc3\x81lpha"), "") << "accents count";
  EXPECT_EQ(matching(Op::eq, "type", type()), "abcd");
  EXPECT_EQ(matching(Op::eq, "attributes.s", "emoji \xf0\x9f\x98\x80"), "");
  EXPECT_EQ(matching(Filter::one_of("user_id", {"u1", "U2", "u2"})), "ad");
}

TEST_F(IndexerFilters, ListsMayHoldTensOfThousands) {
  std::vector<Value> texts{"u1", "u2"};
  std::vector<Value> ids;
  for (int i = 0; i < 40'000; ++i) {
    texts.emplace_back("tenant " + std::to_string(i));
    ids.emplace_back(Uuid::random());
  }
  EXPECT_EQ(matching(Filter::one_of("user_id", texts)), "ad");
  EXPECT_EQ(matching(Filter::no(Filter::one_of("user_id", texts))), "b") << "not leaves NULL out";
  EXPECT_EQ(matching(Filter::one_of("id", ids)), "");
  EXPECT_EQ(matching(Filter::no(Filter::one_of("id", ids))), "abcd");
}

TEST_F(IndexerFilters, NullsFollowGnocchisRules) {
  EXPECT_EQ(matching(Op::eq, "user_id", Value{}), "c");
  EXPECT_EQ(matching(Op::ne, "user_id", Value{}), "abd");
  EXPECT_EQ(matching(Op::ne, "user_id", "u1"), "bcd") << "ne takes NULL in";
  EXPECT_EQ(matching(Op::ne, "attributes.n", 1.5), "bcd");
  EXPECT_EQ(matching(Op::ne, "attributes.d", at(100)), "bcd");
  EXPECT_EQ(matching(Filter::no(Filter::compare(Op::eq, "user_id", "u1"))), "bd")
      << "not leaves NULL out";
  EXPECT_EQ(matching(Filter::no(Filter::one_of("user_id", {"u1", "u2"}))), "b");
  EXPECT_EQ(matching(Op::lt, "attributes.n", 100.0), "ab");
  EXPECT_EQ(matching(Filter::no(Filter::compare(Op::lt, "attributes.n", 100.0))), "d");
}

TEST_F(IndexerFilters, ComparisonsOfEveryKind) {
  EXPECT_EQ(matching(Op::eq, "attributes.n", 1.5), "a");
  EXPECT_EQ(matching(Op::eq, "attributes.n", std::int64_t{-2}), "b");
  EXPECT_EQ(matching(Op::ge, "attributes.n", 1.5), "ad");
  EXPECT_EQ(matching(Op::gt, "attributes.n", 1.5), "d");
  EXPECT_EQ(matching(Op::le, "attributes.n", -2.0), "b");
  EXPECT_EQ(matching(Op::eq, "attributes.b", true), "ad");
  EXPECT_EQ(matching(Op::eq, "attributes.b", false), "b");
  EXPECT_EQ(matching(Op::gt, "attributes.d", at(100)), "cd");
  EXPECT_EQ(matching(Op::le, "attributes.d", at(200)), "ac");
  EXPECT_EQ(matching(Op::eq, "attributes.u", uuid()), "d");
  EXPECT_EQ(matching(Op::eq, "started_at", at(1000)), "ab");
  EXPECT_EQ(matching(Op::gt, "ended_at", at(1010)), "b");
  EXPECT_EQ(matching(Op::eq, "id", Value(static_cast<const Uuid&>(id('c')))), "c");
  EXPECT_EQ(matching(Op::eq, "original_resource_id", id('d').to_string()), "d");
}

TEST_F(IndexerFilters, LikeTakesPercentAndUnderscore) {
  EXPECT_EQ(matching(Op::like, "attributes.s", "it's%"), "c");
  EXPECT_EQ(matching(Op::like, "attributes.s", "%100_"), "c");
  EXPECT_EQ(matching(Op::like, "attributes.s", "it"), "");
  EXPECT_EQ(matching(Op::like, "user_id", "u2"), "d");
}

TEST_F(IndexerFilters, CreatorsAreSplitAtTheFirstColon) {
  EXPECT_EQ(matching(Op::eq, "creator", "p1:x"), "a");
  EXPECT_EQ(matching(Op::eq, "created_by_user_id", "p1"), "ab");
  EXPECT_EQ(matching(Op::eq, "created_by_user_id", "P1"), "d");
  EXPECT_EQ(matching(Op::eq, "created_by_project_id", "x"), "a");
  EXPECT_EQ(matching(Op::eq, "created_by_project_id", "y:z"), "b");
  EXPECT_EQ(matching(Op::eq, "created_by_project_id", "z"), "");
  EXPECT_EQ(matching(Op::eq, "created_by_project_id", ""), "d");
  EXPECT_EQ(matching(Op::ne, "created_by_project_id", "x"), "bcd");
  EXPECT_EQ(matching(Op::like, "created_by_user_id", "p%x"), "");
}

TEST_F(IndexerFilters, LifespanIsMeasured) {
  const auto seconds = [](std::int64_t s) { return Value(s * 1000000000); };
  EXPECT_EQ(matching(Op::eq, "lifespan", seconds(10)), "a");
  EXPECT_EQ(matching(Op::le, "lifespan", seconds(20)), "ab");
  EXPECT_EQ(matching(Op::gt, "lifespan", seconds(20)), "cd") << "those that live on, until now";
  EXPECT_EQ(matching(Op::gt, "lifespan", seconds(1000000000)), "cd");
}

TEST_F(IndexerFilters, TreesOfConditions) {
  EXPECT_EQ(matching(Filter::all({})), "abcd");
  EXPECT_EQ(matching(Filter::any({})), "");
  EXPECT_EQ(matching(Filter::all({Filter::compare(Op::eq, "attributes.b", true),
                                  Filter::any({Filter::compare(Op::eq, "user_id", "u2"),
                                               Filter::compare(Op::eq, "user_id", "U1")})})),
            "d");
  EXPECT_EQ(matching(Filter::any({Filter::compare(Op::eq, "user_id", Value{}),
                                  Filter::no(Filter::compare(Op::ge, "attributes.n", 0.0))})),
            "bc");
}

TEST_F(IndexerFilters, LongListsAreNoProblem) {
  std::vector<Value> values{"u1"};
  std::vector<Filter> conditions{Filter::compare(Op::eq, "user_id", "u2")};
  for (int i = 0; i < 30000; ++i) values.emplace_back("tenant " + std::to_string(i));
  for (int i = 0; i < 2000; ++i) {
    conditions.push_back(Filter::compare(Op::eq, "user_id", "tenant " + std::to_string(i)));
  }
  EXPECT_EQ(matching(Filter::one_of("user_id", values)), "a");
  EXPECT_EQ(matching(Filter::no(Filter::one_of("user_id", values))), "bd");
  EXPECT_EQ(matching(Filter::any(conditions)), "d");
  std::vector<Value> ids{Value(static_cast<const Uuid&>(id('b')))};
  for (int i = 0; i < 10000; ++i) ids.emplace_back(Uuid::random());
  EXPECT_EQ(matching(Filter::one_of("id", ids)), "b");
}

TEST_F(IndexerFilters, AwkwardTextsAreJustTexts) {
  for (const std::string& text : awkward_texts()) {
    ResourceChange change;
    change.user_id = std::optional<std::string>(text);
    change.attributes = {{"s", text}};
    resources().update(type(), id('a'), change);
    EXPECT_EQ(matching(Op::eq, "user_id", text), "a") << text;
    EXPECT_EQ(matching(Op::eq, "attributes.s", text), "a") << text;
    EXPECT_EQ(matching(Filter::one_of("user_id", {text, text + "x"})), "a") << text;
    EXPECT_EQ(matching(Op::ne, "user_id", text), "bcd") << text;
    EXPECT_EQ(matching(Op::eq, "user_id", text + "\""), "") << text;
    EXPECT_EQ(resources().get(type(), id('a'), false)->user_id, text);
  }
  EXPECT_EQ(matching(Op::eq, "user_id", std::string("nul\0in it", 9)), "");
}

TEST_F(IndexerFilters, FieldsThatAreNotThereAreRefused) {
  const auto bad = because(Reason::invalid_value, Subject::attribute);
  EXPECT_EQ(refusal([&] { matching(Op::eq, "attributes.other", "x"); }), bad);
  EXPECT_EQ(refusal([&] { matching(Op::eq, "id; DROP TABLE metric", "x"); }), bad);
  MetricQuery query;
  query.filter = Filter::compare(Op::eq, "resource.other", "x");
  EXPECT_EQ(refusal([&] { metrics().list(query); }), bad);
}

TEST_F(IndexerFilters, HistoryIsFilteredByEachRowsOwnValues) {
  const Resource before = *resources().get(type(), id('a'), false);
  ResourceChange change;
  change.user_id = std::optional<std::string>("later");
  const Resource after = resources().update(type(), id('a'), change);
  const auto rows = [&](Filter filter) {
    ResourceQuery query;
    query.type = type();
    query.history = true;
    query.filter =
        Filter::all({Filter::compare(Op::eq, "id", Value(static_cast<const Uuid&>(id('a')))),
                     std::move(filter)});
    return resources().list(query).size();
  };
  EXPECT_EQ(rows(Filter::compare(Op::eq, "user_id", "u1")), 1U);
  EXPECT_EQ(rows(Filter::compare(Op::eq, "user_id", "later")), 1U);
  EXPECT_EQ(rows(Filter::all({})), 2U);
  EXPECT_EQ(rows(Filter::compare(Op::eq, "revision_end", Value{})), 1U);
  EXPECT_EQ(rows(Filter::compare(Op::eq, "revision", std::int64_t{-1})), 1U);
  EXPECT_EQ(rows(Filter::compare(Op::ge, "revision_start", after.revision_start)), 1U);
  EXPECT_EQ(rows(Filter::compare(Op::le, "revision_end", after.revision_start)), 1U);
  EXPECT_EQ(rows(Filter::compare(Op::lt, "revision_end", before.revision_start)), 0U);
  EXPECT_EQ(rows(Filter::compare(Op::eq, "attributes.s", "Alpha")), 2U);
  EXPECT_EQ(matching(Filter::compare(Op::eq, "user_id", "later"), true), "a");
}

TEST_F(IndexerFilters, MetricsAreFilteredByTheirResourceToo) {
  NewMetric on = named_metric(id('a'), "cpu"), other = named_metric(id('b'), "cpu");
  NewMetric off = new_metric();
  on.creator = other.creator = off.creator = fresh_name("me") + ":p";
  for (const NewMetric& metric : {on, other, off}) metrics().create(metric);
  const auto found = [&](Filter filter) {
    MetricQuery query;
    query.filter =
        Filter::all({Filter::compare(Op::eq, "creator", *on.creator), std::move(filter)});
    const auto ids = ids_of(metrics().list(query));
    return std::set<MetricId>(ids.begin(), ids.end());
  };
  using Set = std::set<MetricId>;
  EXPECT_EQ(found(Filter::compare(Op::eq, "resource.user_id", "u1")), Set{on.id});
  EXPECT_EQ(found(Filter::compare(Op::eq, "resource.created_by_project_id", "x")), Set{on.id});
  EXPECT_EQ(
      found(Filter::any({Filter::compare(Op::eq, "resource.user_id", "u1"),
                         Filter::compare(Op::eq, "id", Value(static_cast<const Uuid&>(off.id)))})),
      (Set{on.id, off.id}))
      << "metrics without a resource are not lost";
  EXPECT_EQ(found(Filter::compare(Op::eq, "resource_id", Value{})), Set{off.id});
  EXPECT_EQ(found(Filter::compare(Op::eq, "name", "cpu")), (Set{on.id, other.id}));
  EXPECT_EQ(found(Filter::compare(Op::eq, "status", "delete")), Set{});
  EXPECT_EQ(found(Filter::compare(Op::eq, "status", "active")).size(), 3U);
  EXPECT_EQ(found(Filter::compare(Op::eq, "archive_policy_name", policy())).size(), 3U);
  EXPECT_EQ(found(Filter::compare(Op::eq, "created_by_project_id", "p")).size(), 3U);
  EXPECT_EQ(found(Filter::compare(Op::eq, "unit", Value{})).size(), 3U);
}

}  // namespace
}  // namespace gnocchi::kit
