// Indexer: orderings and pages.
#include <algorithm>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

using Direction = Sort::Direction;
using Nulls = Sort::Nulls;

/// A dozen resources of one type, with equal and absent values in every column, and revisions.
class IndexerPagination : public IndexerCase {
 protected:
  void prepare(IndexerDriver& indexer) override {
    IndexerCase::prepare(indexer);
    ResourceType type;
    type.name = type_ = fresh_name("type-");
    type.attributes["s"] = {AttributeType::string, false, 0, 100, {}, {}};
    type.attributes["u"] = {AttributeType::uuid, false, {}, {}, {}, {}};
    type.attributes["n"] = {AttributeType::number, false, {}, {}, {}, {}};
    type.attributes["b"] = {AttributeType::boolean, false, {}, {}, {}, {}};
    type.attributes["d"] = {AttributeType::datetime, false, {}, {}, {}, {}};
    indexer.resource_types().create(type);
    const Uuid uuid = Uuid::random();
    for (int i = 0; i < 12; ++i) {
      NewResource resource = new_resource(type_);
      resource.started_at = at(1000 + i % 3);
      if (i % 2 == 0) resource.user_id = "user " + std::to_string(i % 4);
      if (i % 3 != 0) resource.attributes["s"] = "it's " + std::to_string(i / 6);
      if (i % 4 != 0) resource.attributes["n"] = 0.1 * (i % 5);
      if (i % 5 != 0) resource.attributes["b"] = i % 2 == 0;
      if (i % 2 != 0) resource.attributes["d"] = at(i % 4, 500000);
      if (i % 3 == 0) resource.attributes["u"] = i % 2 == 0 ? uuid : Uuid::random();
      indexer.resources().create(resource);
      for (int change = 0; change < i % 3; ++change) {
        ResourceChange made;
        made.project_id = std::optional(std::to_string(change));
        indexer.resources().update(type_, resource.id, made);
      }
    }
  }

  ResourceQuery query(std::vector<Sort> sorts, bool history = false) const {
    ResourceQuery made;
    made.type = type_;
    made.sorts = std::move(sorts);
    made.history = history;
    return made;
  }

  /// All pages of this size; equal to the list without a limit, or the ordering is not total.
  void expect_pages(const ResourceQuery& whole, std::uint32_t size) {
    const auto all = resources().list(whole);
    EXPECT_EQ(all.size(), whole.history ? 24U : 12U);
    std::vector<Resource> collected;
    ResourceQuery page = whole;
    page.limit = size;
    for (std::size_t pages = 0; pages <= all.size(); ++pages) {
      const auto got = resources().list(page);
      EXPECT_LE(got.size(), size);
      collected.insert(collected.end(), got.begin(), got.end());
      if (got.size() < size) break;
      page.marker = got.back().id;
      if (whole.history) page.marker_revision = got.back().revision;
    }
    ASSERT_EQ(collected.size(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(collected[i].id, all[i].id) << i;
      EXPECT_EQ(collected[i].revision, all[i].revision) << i;
    }
  }

 private:
  std::string type_;
};

TEST_F(IndexerPagination, PagesOfEveryColumnJoinUp) {
  for (const char* field : {"id", "user_id", "project_id", "started_at", "ended_at", "creator",
                            "revision_start", "original_resource_id", "attributes.s",
                            "attributes.n", "attributes.b", "attributes.d", "attributes.u"}) {
    for (const Direction direction : {Direction::ascending, Direction::descending}) {
      for (const Nulls nulls : {Nulls::database_default, Nulls::first, Nulls::last}) {
        SCOPED_TRACE(std::string(field) + " " + std::to_string(static_cast<int>(direction)) + " " +
                     std::to_string(static_cast<int>(nulls)));
        expect_pages(query({{field, direction, nulls}}), 5);
      }
    }
  }
}

TEST_F(IndexerPagination, PagesOfSeveralColumnsJoinUp) {
  const std::vector<Sort> sorts{{"user_id", Direction::descending, Nulls::first},
                                {"attributes.s", Direction::ascending, Nulls::last},
                                {"attributes.b", Direction::ascending, Nulls::first},
                                {"started_at", Direction::descending, Nulls::database_default}};
  for (const std::uint32_t size : {1U, 2U, 3U, 12U, 13U}) expect_pages(query(sorts), size);
  expect_pages(query({}), 4);
}

TEST_F(IndexerPagination, PagesOfTheHistoryJoinUp) {
  expect_pages(query({}, true), 5);
  expect_pages(query({{"revision_start"}}, true), 5);
  expect_pages(query({{"revision_end", Direction::descending, Nulls::first}}, true), 7);
  expect_pages(query({{"user_id"}, {"attributes.n", Direction::descending, Nulls::last}}, true), 1);
  expect_pages(query({{"revision", Direction::descending}}, true), 3);
}

TEST_F(IndexerPagination, NullsStandWhereTheyAreAskedFor) {
  const auto users = [&](Direction direction, Nulls nulls) {
    std::string letters;
    for (const Resource& resource : resources().list(query({{"user_id", direction, nulls}}))) {
      letters += resource.user_id ? resource.user_id->back() : '-';
    }
    return letters;
  };
  EXPECT_EQ(users(Direction::ascending, Nulls::first), "------000222");
  EXPECT_EQ(users(Direction::ascending, Nulls::last), "000222------");
  EXPECT_EQ(users(Direction::descending, Nulls::first), "------222000");
  EXPECT_EQ(users(Direction::descending, Nulls::last), "222000------");
}

TEST_F(IndexerPagination, MarkersAndKeysThatAreNotThereAreRefused) {
  const auto bad = because(Reason::invalid_value, Subject::pagination);
  ResourceQuery unknown = query({});
  unknown.marker = fresh_resource();
  EXPECT_EQ(refusal([&] { resources().list(unknown); }), bad);
  ResourceQuery revision = query({}, true);
  revision.marker = resources().list(query({})).front().id;
  revision.marker_revision = 999999999;
  EXPECT_EQ(refusal([&] { resources().list(revision); }), bad);
  EXPECT_EQ(refusal([&] { resources().list(query({{"other"}})); }), bad);
  MetricQuery metric;
  metric.marker = fresh_metric();
  EXPECT_EQ(refusal([&] { metrics().list(metric); }), bad);
  metric.marker.reset();
  metric.sorts = {{"other"}};
  EXPECT_EQ(refusal([&] { metrics().list(metric); }), bad);
}

TEST_F(IndexerPagination, PagesOfMetricsJoinUp) {
  const std::string creator = fresh_name("creator-");
  std::vector<NewMetric> made(11);
  for (std::size_t i = 0; i < made.size(); ++i) {
    made[i] = new_metric();
    made[i].creator = creator;
    if (i % 3 != 0) made[i].name = "it's " + std::to_string(i % 4);
    if (i % 2 == 0) made[i].unit = "u" + std::to_string(i % 3);
  }
  metrics().create(made);
  MetricQuery whole;
  whole.filter = Filter::compare(Filter::Op::eq, "creator", creator);
  for (const auto& sorts :
       std::vector<std::vector<Sort>>{{},
                                      {{"name"}},
                                      {{"name", Direction::descending, Nulls::last},
                                       {"unit", Direction::ascending, Nulls::first}},
                                      {{"archive_policy_name"}, {"id", Direction::descending}}}) {
    whole.sorts = sorts;
    whole.limit.reset();
    whole.marker.reset();
    const auto all = ids_of(metrics().list(whole));
    ASSERT_EQ(all.size(), made.size());
    std::vector<MetricId> collected;
    whole.limit = 4;
    for (;;) {
      const auto page = ids_of(metrics().list(whole));
      collected.insert(collected.end(), page.begin(), page.end());
      if (page.size() < 4 || collected.size() > all.size()) break;
      whole.marker = page.back();
    }
    EXPECT_EQ(collected, all);
  }
}

TEST_F(IndexerPagination, AListOfAllTypesHasTheirAttributesIfAskedFor) {
  ResourceQuery generic;
  const auto one = resources().list(query({})).front();
  generic.filter = Filter::compare(Filter::Op::eq, "id", Value(static_cast<const Uuid&>(one.id)));
  ASSERT_EQ(resources().list(generic).size(), 1U);
  EXPECT_TRUE(resources().list(generic)[0].attributes.empty());
  generic.details = true;
  EXPECT_EQ(resources().list(generic).at(0).attributes, one.attributes);
  generic.history = true;
  ResourceChange change;
  change.attributes = {{"n", 77.0}};
  resources().update(query({}).type, one.id, change);
  generic.sorts = {{"revision_start", Direction::descending}};
  const auto rows = resources().list(generic);
  ASSERT_GE(rows.size(), 2U);
  EXPECT_EQ(rows[0].attributes.at("n"), Value(77.0));
  EXPECT_EQ(rows[1].attributes, one.attributes);
}

}  // namespace
}  // namespace gnocchi::kit
