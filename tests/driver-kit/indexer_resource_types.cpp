// Indexer: resource types.
#include <algorithm>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

class IndexerResourceTypes : public IndexerCase {};

TEST_F(IndexerResourceTypes, ATypeIsReadBackAsItWasMade) {
  const std::string name = make_type();
  const auto type = types().get(name);
  ASSERT_TRUE(type);
  EXPECT_EQ(type->name, name);
  EXPECT_EQ(type->state, ResourceTypeState::active);
  EXPECT_TRUE(type->tablename.starts_with("rt_"));
  EXPECT_EQ(type->attributes.size(), 5U);
  EXPECT_EQ(type->attributes.at("s"), (AttributeSpec{AttributeType::string, true, 0, 100, {}, {}}));
  EXPECT_EQ(type->attributes.at("n"),
            (AttributeSpec{AttributeType::number, false, {}, {}, -5.5, 1e300}));
  EXPECT_EQ(type->attributes.at("d").type, AttributeType::datetime);
}

TEST_F(IndexerResourceTypes, GenericIsAlwaysThere) {
  const auto all = types().list();
  EXPECT_TRUE(
      std::any_of(all.begin(), all.end(), [](const auto& t) { return t.name == "generic"; }));
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
  ASSERT_TRUE(types().get("generic"));
  EXPECT_EQ(types().get("generic")->tablename, "generic");
  EXPECT_EQ(refusal([&] { types().remove("generic"); }),
            because(Reason::still_in_use, Subject::resource_type));
  EXPECT_EQ(types().get(fresh_name("type-")), std::nullopt);
}

TEST_F(IndexerResourceTypes, ATypeIsMadeOnce) {
  ResourceType type;
  type.name = make_type();
  EXPECT_EQ(refusal([&] { types().create(type); }),
            because(Reason::already_exists, Subject::resource_type));
}

TEST_F(IndexerResourceTypes, ATypeInUseStays) {
  NewResource resource = new_resource(make_type());
  resource.attributes = {{"s", ""}};
  resources().create(resource);
  EXPECT_EQ(refusal([&] { types().remove(resource.type); }),
            because(Reason::still_in_use, Subject::resource_type));
  EXPECT_EQ(types().get(resource.type)->state, ResourceTypeState::active);
  EXPECT_TRUE(resources().get(resource.type, resource.id, false));
  resources().remove(resource.id);
  types().remove(resource.type);
  EXPECT_EQ(types().get(resource.type), std::nullopt);
  EXPECT_EQ(refusal([&] { types().remove(resource.type); }),
            because(Reason::no_such_parent, Subject::resource_type));
  EXPECT_EQ(refusal([&] { resources().create(resource); }),
            because(Reason::no_such_parent, Subject::resource_type));
}

TEST_F(IndexerResourceTypes, NewAttributesAreFilledInEverywhere) {
  NewResource resource = new_resource(make_type());
  resource.attributes = {{"s", "x"}};
  resources().create(resource);
  ResourceChange change;  // for a revision
  change.user_id = std::optional<std::string>("u");
  resources().update(resource.type, resource.id, change);
  const Uuid uuid = Uuid::random();
  const std::vector<NewAttribute> added{
      {"fs", {AttributeType::string, true, 0, 40, {}, {}}, "fi'll :x"},
      {"fu", {AttributeType::uuid, true, {}, {}, {}, {}}, uuid},
      {"fn", {AttributeType::number, true, {}, {}, {}, {}}, 0.1},
      {"fb", {AttributeType::boolean, true, {}, {}, {}, {}}, true},
      {"fd", {AttributeType::datetime, true, {}, {}, {}, {}}, at(1500000000, 250000)},
      {"empty", {AttributeType::string, false, 0, 40, {}, {}}, Value{}}};
  const ResourceType changed =
      types().update(resource.type, added, {}, std::vector<std::string>{"b"});
  EXPECT_EQ(changed.state, ResourceTypeState::active);
  EXPECT_EQ(changed.attributes, types().get(resource.type)->attributes);
  EXPECT_EQ(changed.attributes.size(), 10U);
  ResourceQuery query;
  query.type = resource.type;
  query.history = true;
  const auto rows = resources().list(query);
  ASSERT_EQ(rows.size(), 2U);
  for (const Resource& row : rows) {
    for (const NewAttribute& attribute : added) {
      EXPECT_EQ(row.attributes.at(attribute.name), attribute.fill) << attribute.name;
    }
    EXPECT_EQ(row.attributes.at("s"), Value("x"));
    EXPECT_FALSE(row.attributes.contains("b"));
  }
  NewResource another = new_resource(resource.type);
  another.attributes = {{"s", "y"}};
  EXPECT_EQ(refusal([&] { resources().create(another); }),
            because(Reason::invalid_value, Subject::attribute))
      << "a fill is no default";
}

TEST_F(IndexerResourceTypes, AttributesCanBeChanged) {
  NewResource resource = new_resource(make_type());
  resource.attributes = {{"s", "x"}};
  resources().create(resource);
  const AttributeSpec wider{AttributeType::string, false, 0, 200, {}, {}};
  EXPECT_EQ(types().update(resource.type, {}, {{"s", wider}}, {}).attributes.at("s"), wider);
  ResourceChange change;
  change.attributes = {{"s", std::string(200, 'x')}};
  EXPECT_EQ(resources().update(resource.type, resource.id, change).attributes, [&] {
    auto expected = resources().get(resource.type, resource.id, false)->attributes;
    expected["s"] = std::string(200, 'x');
    return expected;
  }());
  const AttributeSpec required{AttributeType::number, true, {}, {}, {}, {}};
  EXPECT_EQ(refusal([&] {
              types().update(resource.type, {}, {{"n", required}}, {});
            }),
            because(Reason::invalid_value, Subject::attribute))
      << "there are resources without it";
  EXPECT_EQ(types().get(resource.type)->state, ResourceTypeState::active);
}

TEST_F(IndexerResourceTypes, UpdatesAreRefusedWithTheirReason) {
  EXPECT_EQ(refusal([&] { types().update(fresh_name("type-"), {}, {}, {}); }),
            because(Reason::no_such_parent, Subject::resource_type));
  const std::string type = make_type();
  EXPECT_EQ(refusal([&] { types().update(type, {}, {}, std::vector<std::string>{"other"}); }),
            because(Reason::invalid_value, Subject::attribute));
  EXPECT_EQ(types().get(type)->state, ResourceTypeState::active);
}

TEST_F(IndexerResourceTypes, OddAttributeNamesAreJustNames) {
  ResourceType type;
  type.name = fresh_name("ty'pe :x \\ \"-");
  for (const char* name :
       {"when", "select", "group", "a-b", "a'b", "a\"b", "a`b", "a b", "Order"}) {
    type.attributes[name] = {AttributeType::string, false, 0, 255, {}, {}};
  }
  types().create(type);
  EXPECT_EQ(types().get(type.name)->attributes, type.attributes);
  NewResource resource = new_resource(type.name);
  for (const auto& [name, spec] : type.attributes) resource.attributes[name] = name;
  resources().create(resource);
  EXPECT_EQ(resources().get(type.name, resource.id, false)->attributes, resource.attributes);
  ResourceQuery query;
  query.type = type.name;
  for (const auto& [name, spec] : type.attributes) {
    query.filter = Filter::compare(Filter::Op::eq, "attributes." + name, name);
    query.sorts = {{"attributes." + name}};
    query.history = !query.history;
    EXPECT_EQ(resources().list(query).size(), 1U) << name;
  }
  resources().remove(resource.id);
  types().remove(type.name);
}

}  // namespace
}  // namespace gnocchi::kit
