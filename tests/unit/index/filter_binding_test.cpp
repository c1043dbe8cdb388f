#include "core/index/filter_binding.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/index/filter_string.h"
#include "core/index/resource_id.h"
#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

using Op = Filter::Op;

const Timestamp kNow{std::chrono::seconds{1'700'000'000}};

ResourceType instance() {
  ResourceType type;
  type.name = "instance";
  type.state = ResourceTypeState::active;
  type.attributes["host"].type = AttributeType::string;
  type.attributes["n"].type = AttributeType::number;
  type.attributes["b"].type = AttributeType::boolean;
  type.attributes["d"].type = AttributeType::datetime;
  type.attributes["u"].type = AttributeType::uuid;
  return type;
}

Filter bound(std::string_view text, bool history = false) {
  const ResourceType type = instance();
  return bind_filter(parse_filter(text), {type, "foobar", kNow, history});
}

std::string reason_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Refused& fault) {
    return fault.what();
  }
  return "accepted";
}

std::string refusal(std::string_view text, bool history = false) {
  return reason_of([&] { bound(text, history); });
}

void expect_condition(std::string_view text, Op op, std::string_view field, const Value& value) {
  const Filter filter = bound(text, true);
  EXPECT_EQ(filter.op, op) << text;
  EXPECT_EQ(filter.field, field) << text;
  ASSERT_EQ(filter.values.size(), 1u) << text;
  EXPECT_EQ(filter.values[0], value) << text;
}

TEST(FilterBinding, ValuesGetTheTypeOfTheirField) {
  expect_condition("host = 5", Op::eq, "attributes.host", std::string("5"));
  expect_condition("host = true", Op::eq, "attributes.host", std::string("True"));
  expect_condition("n = 5", Op::eq, "attributes.n", 5.0);
  expect_condition("n = '1.5'", Op::eq, "attributes.n", 1.5);
  expect_condition("b = true", Op::eq, "attributes.b", true);
  expect_condition("b = 0", Op::eq, "attributes.b", false);
  expect_condition("d > '-1 minute'", Op::gt, "attributes.d", kNow - std::chrono::minutes{1});
  expect_condition("started_at >= '2014-01-03'", Op::ge, "started_at",
                   Timestamp{std::chrono::seconds{1388707200}});
  expect_condition("started_at = 1388707200", Op::eq, "started_at",
                   Timestamp{std::chrono::seconds{1388707200}});
  expect_condition("revision = 3", Op::eq, "revision", std::int64_t{3});
  expect_condition("lifespan > '1 minute'", Op::gt, "lifespan", std::int64_t{60'000'000'000});
  expect_condition("lifespan > 90", Op::gt, "lifespan", std::int64_t{90'000'000'000});
  const auto id = Uuid::parse("07eb339e-23c0-4be2-be43-cd8247afae3b").value();
  expect_condition("u = 07eb339e23c04be2be43cd8247afae3b", Op::eq, "attributes.u", id);
}

TEST(FilterBinding, IdsThatAreNoUuidsBelongToWhoAsks) {
  expect_condition("id = vm1", Op::eq, "id", Uuid(resource_id("vm1", "foobar")));
  EXPECT_EQ(refusal("id = 'a/b'"), "'/' is not supported in resource id");
  EXPECT_EQ(refusal("id = 5"), "Invalid value: `5' for field `id'");
}

TEST(FilterBinding, NullIsForEqualityOnly) {
  expect_condition("host = null", Op::eq, "attributes.host", Value());
  expect_condition("ended_at != null", Op::ne, "ended_at", Value());
  EXPECT_EQ(refusal("host < null"), "Invalid value: `None' for field `host'");
  EXPECT_EQ(refusal("host like null"), "Invalid value: `None' for field `host'");
  EXPECT_EQ(refusal("lifespan = null"), "Invalid value: `None' for field `lifespan'");
}

TEST(FilterBinding, UnknownAttributesAreNamed) {
  EXPECT_EQ(refusal("zz = 1"), "Resource type instance has no zz attribute");
  EXPECT_EQ(refusal("metrics = 1"), "Resource type instance has no metrics attribute");
  EXPECT_EQ(refusal("'attributes.host' = 1"),
            "Resource type instance has no attributes.host attribute");
}

TEST(FilterBinding, RevisionsAreFieldsOfHistoryOnly) {
  EXPECT_EQ(refusal("revision = 1"), "Resource type instance has no revision attribute");
  EXPECT_EQ(refusal("revision_end = null"), "Resource type instance has no revision_end attribute");
  EXPECT_EQ(refusal("revision = 1 and revision_end = null", true), "accepted");
}

TEST(FilterBinding, ValuesThatCannotBeAreNamed) {
  EXPECT_EQ(refusal("n = x"), "Invalid value: `x' for field `n'");
  EXPECT_EQ(refusal("n = nan"), "Invalid value: `nan' for field `n'");
  EXPECT_EQ(refusal("n like 'x'"), "Invalid value: `x' for field `n'");
  EXPECT_EQ(refusal("n in [1, x]"), "Invalid value: `x' for field `n'");
  EXPECT_EQ(refusal("b = maybe"), "Invalid value: `maybe' for field `b'");
  EXPECT_EQ(refusal("u = zz"), "Invalid value: `zz' for field `u'");
  EXPECT_EQ(refusal("d = zz"), "Invalid value: `zz' for field `d'");
  EXPECT_EQ(refusal("started_at = zz"), "Invalid value: `zz' for field `started_at'");
  EXPECT_EQ(refusal("started_at = true"), "Invalid value: `True' for field `started_at'");
  EXPECT_EQ(refusal("lifespan > zz"), "Invalid value: `zz' for field `lifespan'");
  EXPECT_EQ(refusal("revision = 1.5", true), "Invalid value: `1.5' for field `revision'");
  EXPECT_EQ(refusal("created_by_user_id > a"), "Invalid value: `a' for field `created_by_user_id'");
}

TEST(FilterBinding, ListsKeepTheirOrderAndDropNull) {
  const Filter filter = bound("host in [a, null, b]");
  EXPECT_EQ(filter.op, Op::in);
  EXPECT_EQ(filter.values, (std::vector<Value>{std::string("a"), std::string("b")}));
  const Filter never = bound("host in [null]");
  EXPECT_EQ(never.op, Op::any_of);
  EXPECT_TRUE(never.children.empty());
}

TEST(FilterBinding, TreesKeepTheirShape) {
  const Filter filter = bound("not (host = a or n = 1) and b = true");
  ASSERT_EQ(filter.op, Op::all_of);
  ASSERT_EQ(filter.children.size(), 2u);
  EXPECT_EQ(filter.children[0].op, Op::negate);
  EXPECT_EQ(filter.children[0].children[0].op, Op::any_of);
}

TEST(FilterBinding, LevelsThatSayNothingAreLeftOut) {
  EXPECT_EQ(bound("not not host = a").op, Op::eq);
  EXPECT_EQ(bound("((host = a and n = 1) and b = true) and d > 0").children.size(), 4u);
  std::string chain = "host = a";
  for (int i = 0; i < 80; ++i) chain = "(" + chain + " or n = " + std::to_string(i) + ")";
  EXPECT_EQ(bound(chain).children.size(), 81u);
}

TEST(FilterBinding, LevelsAreBounded) {
  std::string text = "host = a";
  for (int i = 0; i < 9; ++i) text = "(not (" + text + ") and n = 1)";
  EXPECT_EQ(refusal(text), "accepted");
  text = "(not (" + text + ") and n = 1)";
  EXPECT_EQ(refusal(text), "Unable to parse this query: nested deeper than 20 levels");
}

TEST(FilterBinding, RulesSeeAttributesOfTheTypeAndNothingOfOthers) {
  const ResourceType type = instance();
  const auto visible = [&](std::string field, Value value) {
    return bind_visibility(Filter::compare(Op::eq, std::move(field), std::move(value)), type);
  };
  EXPECT_EQ(visible("project_id", std::string("p")).field, "project_id");
  EXPECT_EQ(visible("resource_type", std::string("instance")).field, "type");
  EXPECT_EQ(visible("host", std::string("h")).field, "attributes.host");
  EXPECT_EQ(visible("n", std::string("5")).values[0], Value(5.0));
  for (const auto& never : {visible("flavor", std::string("x")), visible("n", std::string("x")),
                            visible("id", std::string("not a uuid"))}) {
    EXPECT_EQ(never.op, Op::any_of);
    EXPECT_TRUE(never.children.empty());
  }
}

TEST(FilterBinding, SortKeysAreColumns) {
  const ResourceType type = instance();
  const auto key = [&](const char* name, bool history = false) {
    std::string field;
    const std::string fault = reason_of([&] {
      field = bind_sorts({{name, {}, {}}}, type, history).front().field;
    });
    return fault == "accepted" ? field : fault;
  };
  EXPECT_EQ(key("host"), "attributes.host");
  EXPECT_EQ(key("started_at"), "started_at");
  EXPECT_EQ(key("revision_end", true), "revision_end");
  EXPECT_EQ(key("revision_end"), "Sort key supplied is invalid: revision_end");
  EXPECT_EQ(key("lifespan"), "Sort key supplied is invalid: lifespan");
  EXPECT_EQ(key("created_by_user_id"), "Sort key supplied is invalid: created_by_user_id");
  EXPECT_EQ(key("invalid"), "Sort key supplied is invalid: invalid");
}

}  // namespace
}  // namespace gnocchi::index
