// Indexer: many resources in one call.
#include <algorithm>
#include <atomic>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

class IndexerBulkResources : public IndexerCase {
 protected:
  std::vector<NewResource> many(std::size_t count, const std::string& type) const {
    std::vector<NewResource> wanted;
    for (std::size_t i = 0; i < count; ++i) {
      wanted.push_back(new_resource(type));
      wanted.back().attributes = {{"s", "s" + std::to_string(i)}};
    }
    return wanted;
  }

  static std::size_t created(const std::vector<ResourceCreation>& outcome) {
    return static_cast<std::size_t>(
        std::count(outcome.begin(), outcome.end(), ResourceCreation::created));
  }
};

TEST_F(IndexerBulkResources, ManyAreMadeInOneCall) {
  const std::string type = make_type();
  const auto wanted = many(1234, type);
  EXPECT_EQ(created(resources().create(wanted)), wanted.size());
  for (const std::size_t i : {std::size_t{0}, std::size_t{999}, std::size_t{1233}}) {
    const auto read = resources().get(type, wanted[i].id, true);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->creator, "user:project");
    EXPECT_EQ(read->original_resource_id, wanted[i].original_resource_id);
    EXPECT_EQ(read->attributes.at("s"), Value("s" + std::to_string(i)));
    EXPECT_EQ(read->attributes.at("n"), Value());
    EXPECT_EQ(read->started_at, read->revision_start);
  }
  EXPECT_TRUE(resources().create(std::span<const NewResource>()).empty());
}

TEST_F(IndexerBulkResources, ThoseThatExistAreToldAndLeftAlone) {
  const std::string type = make_type();
  auto wanted = many(4, type);
  NewResource other = wanted[1];
  other.attributes = {{"s", "first"}};
  resources().create(other);
  NewResource generic = new_resource();
  generic.id = wanted[3].id;
  resources().create(generic);
  using enum ResourceCreation;
  EXPECT_EQ(resources().create(wanted),
            (std::vector{created, already_exists, created, already_exists}));
  EXPECT_EQ(resources().get(type, wanted[1].id, false)->attributes.at("s"), Value("first"));
  EXPECT_EQ(resources().get("generic", wanted[3].id, false)->type, "generic");
  EXPECT_EQ(resources().get(type, wanted[2].id, false)->attributes.at("s"), Value("s2"));
}

TEST_F(IndexerBulkResources, WhatDoesNotFitIsRefused) {
  const std::string type = make_type();
  auto wanted = many(2, type);
  wanted[1].attributes.clear();
  EXPECT_EQ(refusal([&] { resources().create(wanted); }),
            because(Reason::invalid_value, Subject::attribute));
  EXPECT_FALSE(resources().get(type, wanted[0].id, false));
  const auto typeless = many(1, fresh_name("type-"));
  EXPECT_EQ(refusal([&] { resources().create(typeless); }),
            because(Reason::no_such_parent, Subject::resource_type));
}

TEST_F(IndexerBulkResources, OverlappingCallsMakeEachOnce) {
  const std::string type = make_type();
  const auto wanted = many(50, type);
  std::atomic<std::size_t> made{0};
  in_threads(4, [&](std::size_t i) {
    auto mine = wanted;
    std::rotate(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(i * 7), mine.end());
    made += created(resources().create(mine));
  });
  EXPECT_EQ(made, wanted.size());
}

}  // namespace
}  // namespace gnocchi::kit
