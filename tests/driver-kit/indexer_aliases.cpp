// Indexer: resources that have a second id.
#include <algorithm>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

class IndexerAliases : public IndexerCase {
 protected:
  NewResource aliased(const ResourceId& alias, const std::string& creator = "user:project") const {
    NewResource resource = new_resource();
    resource.alias = alias;
    resource.creator = creator;
    return resource;
  }

  std::vector<ResolvedId> resolve(const std::vector<ResourceId>& ids) {
    auto resolved = resources().resolve(ids);
    std::sort(resolved.begin(), resolved.end(),
              [](const auto& a, const auto& b) { return a.asked < b.asked; });
    return resolved;
  }

  using Resolved = std::vector<ResolvedId>;
};

TEST_F(IndexerAliases, ResolveKnowsOwnIdsAndAliases) {
  const ResourceId alias = fresh_resource();
  const NewResource plain = new_resource();
  const NewResource other = aliased(alias);
  resources().create(plain);
  resources().create(other);
  EXPECT_EQ(resolve({}), Resolved{});
  EXPECT_EQ(resolve({fresh_resource()}), Resolved{});
  EXPECT_EQ(resolve({alias}), (Resolved{{alias, other.id}}));
  EXPECT_EQ(resolve({plain.id, fresh_resource()}), (Resolved{{plain.id, plain.id}}));
  EXPECT_EQ(resolve({alias, plain.id, other.id}).size(), 3U);
  EXPECT_FALSE(resources().get("generic", alias, false)) << "an alias is no id";
}

TEST_F(IndexerAliases, ManyIdsAreResolvedAtOnce) {
  const ResourceId alias = fresh_resource();
  const NewResource wanted = aliased(alias);
  resources().create(wanted);
  std::vector<ResourceId> ids(12'000);
  for (ResourceId& id : ids) id = ResourceId(Uuid::random());
  ids[11'999] = alias;
  EXPECT_EQ(resolve(ids), (Resolved{{alias, wanted.id}}));
}

TEST_F(IndexerAliases, TheFirstToComeHasTheAlias) {
  const ResourceId alias = fresh_resource();
  const NewResource first = aliased(alias, "a:p");
  const NewResource second = aliased(alias, "b:p");
  resources().create(first);
  resources().create(second);
  EXPECT_TRUE(resources().get("generic", second.id, false));
  EXPECT_EQ(resolve({alias}), (Resolved{{alias, first.id}}));
}

TEST_F(IndexerAliases, AnAliasGoesWithItsResource) {
  const ResourceId alias = fresh_resource();
  const NewResource first = aliased(alias, "a:p");
  resources().create(first);
  resources().remove(first.id);
  EXPECT_EQ(resolve({alias}), Resolved{});
  const NewResource second = aliased(alias, "b:p");
  resources().create(second);
  EXPECT_EQ(resolve({alias}), (Resolved{{alias, second.id}}));
  resources().remove_matching("generic",
                              Filter::compare(Filter::Op::eq, "id", Value(Uuid(second.id))));
  EXPECT_EQ(resolve({alias}), Resolved{});
}

TEST_F(IndexerAliases, OneCreatorsResourceIsNotMadeUnderBothIds) {
  NewResource old = new_resource();
  old.creator = "a:p";
  resources().create(old);
  EXPECT_EQ(refusal([&] { resources().create(aliased(old.id, "a:p")); }),
            because(Reason::already_exists, Subject::resource));
  // Another creator's is another resource, and the id stays what it was.
  const NewResource others = aliased(old.id, "b:p");
  resources().create(others);
  EXPECT_TRUE(resources().get("generic", others.id, false));
  EXPECT_EQ(resolve({old.id}), (Resolved{{old.id, old.id}}));
}

TEST_F(IndexerAliases, AnExistingResourceOfTheCreatorGetsTheAlias) {
  NewResource known = new_resource();
  known.creator = "a:p";
  resources().create(known);
  NewResource again = known;
  again.alias = fresh_resource();
  again.creator = "b:p";
  const auto taken = because(Reason::already_exists, Subject::resource);
  EXPECT_EQ(refusal([&] { resources().create(again); }), taken);
  EXPECT_EQ(resolve({*again.alias}), Resolved{}) << "it is another's";
  again.creator = "a:p";
  EXPECT_EQ(refusal([&] { resources().create(again); }), taken);
  EXPECT_EQ(refusal([&] { resources().create(again); }), taken);
  EXPECT_EQ(resolve({*again.alias}), (Resolved{{*again.alias, known.id}}));
}

}  // namespace
}  // namespace gnocchi::kit
