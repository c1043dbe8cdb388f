#include <gtest/gtest.h>

#include <random>

#include "core/policy/defaults.h"
#include "core/policy/row_match.h"
#include "core/policy/rule_set.h"
#include "core/policy/targets.h"
#include "tests/unit/policy/identities.h"

namespace gnocchi::policy {
namespace {

bool shows(const Visibility& visibility, const Metric& metric) {
  if (std::holds_alternative<Everything>(visibility)) return true;
  const auto* filter = std::get_if<Filter>(&visibility);
  return filter && matches(*filter, metric);
}

RuleSet one(const std::string& rule) { return RuleSet{{{"r", parse_rule(rule)}}, "default"}; }

RuleSet defaults() {
  std::map<std::string, Check, std::less<>> rules;
  for (const auto& [name, text] : default_rules()) rules[std::string{name}] = parse_rule(text);
  return {std::move(rules), "default"};
}

Metric metric_of(std::optional<std::string> creator) {
  Metric metric;
  metric.id = MetricId{Uuid::random()};
  metric.archive_policy_name = "low";
  metric.creator = std::move(creator);
  return metric;
}

ResourceBase resource_of(std::optional<std::string> creator, std::optional<std::string> project) {
  ResourceBase resource;
  resource.type = "generic";
  resource.id = ResourceId{Uuid::random()};
  resource.creator = std::move(creator);
  resource.project_id = std::move(project);
  return resource;
}

Metric metric_on(std::optional<std::string> creator, const ResourceBase& resource) {
  Metric metric = metric_of(std::move(creator));
  metric.name = "cpu";
  metric.resource_id = resource.id;
  metric.resource = resource;
  return metric;
}

TEST(Visibility, AdminsSeeEverything) {
  const auto visible =
      defaults().visible("list metric", member("u", "p", {"Admin"}), RowKind::metric);
  EXPECT_TRUE(std::holds_alternative<Everything>(visible));
}

TEST(Visibility, MembersSeeTheirProjectsRowsExactly) {
  const RuleSet rules = defaults();
  const auto visible = rules.visible("list metric", member("u", "pa1"), RowKind::metric);
  EXPECT_TRUE(shows(visible, metric_of("u:pa1")));
  EXPECT_TRUE(shows(visible, metric_of("other:pa1")));
  EXPECT_TRUE(shows(visible, metric_on("x:y", resource_of("x:y", "pa1"))));
  EXPECT_FALSE(shows(visible, metric_of("u:PA1")));
  EXPECT_FALSE(shows(visible, metric_of("u:x:pa1")));
  EXPECT_FALSE(shows(visible, metric_of("u:pa2")));
  EXPECT_FALSE(shows(visible, metric_of(std::nullopt)));
  EXPECT_FALSE(shows(visible, metric_on("x:y", resource_of("u:pa1", "pb"))));
}

TEST(Visibility, WildcardsInAProjectMatchOnlyThemselves) {
  const auto visible = defaults().visible("list resource", member("u", "%"), RowKind::resource);
  const auto& filter = std::get<Filter>(visible);
  EXPECT_EQ(filter.op, Filter::Op::any_of);
  for (const Filter& child : filter.children) EXPECT_EQ(child.op, Filter::Op::eq);
}

TEST(Visibility, WithoutAProjectNoProjectsRowsAreSeen) {
  for (const Identity& who : {member("u", std::nullopt), member("u", "")}) {
    const auto visible = defaults().visible("list metric", who, RowKind::metric);
    EXPECT_FALSE(shows(visible, metric_of("v")));
    EXPECT_FALSE(shows(visible, metric_of(std::nullopt)));
    EXPECT_FALSE(shows(visible, metric_on("x:y", resource_of("x:y", std::nullopt))));
    EXPECT_FALSE(shows(visible, metric_on("x:y", resource_of("x:y", ""))));
    EXPECT_TRUE(shows(visible, metric_of("u:")));
  }
}

TEST(Visibility, UsersOfModesWithoutProjectsSeeWhatTheyMade) {
  const auto visible = defaults().visible("list resource", user("foobar"), RowKind::resource);
  const auto& filter = std::get<Filter>(visible);
  EXPECT_EQ(filter.op, Filter::Op::eq);
  EXPECT_EQ(filter.field, "creator");
  EXPECT_EQ(filter.values.front(), Value{std::string{"foobar"}});
}

TEST(Visibility, NegatedComparisonsKeepRowsWithoutTheAttribute) {
  const auto visible =
      one("not project_id:%(resource.project_id)s").visible("r", member("u", "p"), RowKind::metric);
  EXPECT_TRUE(shows(visible, metric_of("a")));
  EXPECT_TRUE(shows(visible, metric_on("a", resource_of("a", std::nullopt))));
  EXPECT_FALSE(shows(visible, metric_on("a", resource_of("a", "p"))));
}

TEST(Visibility, AttributesThatRowsDoNotHaveHideThem) {
  const RuleSet rules = one("user_id:%(server_group)s");
  EXPECT_TRUE(
      std::holds_alternative<Nothing>(rules.visible("r", member("u", "p"), RowKind::resource)));
  EXPECT_TRUE(std::holds_alternative<Nothing>(
      one("not user_id:%(server_group)s").visible("r", member("u", "p"), RowKind::resource)));
}

TEST(Visibility, IdsAreComparedAsIds) {
  Metric metric = metric_of("a");
  const RuleSet rules = one("'" + metric.id.to_string() + "':%(id)s");
  EXPECT_TRUE(shows(rules.visible("r", {}, RowKind::metric), metric));
  EXPECT_FALSE(shows(rules.visible("r", {}, RowKind::metric), metric_of("a")));
  EXPECT_TRUE(std::holds_alternative<Nothing>(one("'x':%(id)s").visible("r", {}, RowKind::metric)));
}

/// Rules, identities and rows at random: the filter shows exactly what asking row by row allows.
class RandomRules {
 public:
  explicit RandomRules(unsigned seed) : random_(seed) {}

  std::string rule(int depth) {
    const int kind = pick(depth > 0 ? 12 : 9);
    if (kind == 9) return "(" + rule(depth - 1) + " and " + rule(depth - 1) + ")";
    if (kind == 10) return "(" + rule(depth - 1) + " or " + rule(depth - 1) + ")";
    if (kind == 11) return "not " + rule(depth - 1);
    const char* checks[] = {"@",
                            "!",
                            "role:admin",
                            "user:%(creator)s",
                            "project_id:%(created_by_project_id)s",
                            "project_id:%(resource.project_id)s",
                            "None:%(resource.project_id)s",
                            "user_id:%(created_by_user_id)s",
                            "user:%(created_by_user_id)s:%(created_by_project_id)s"};
    return checks[kind];
  }
  std::optional<std::string> word() {
    const char* words[] = {"a", "b", "A", "", "None"};
    const int n = pick(6);
    return n == 5 ? std::nullopt : std::optional<std::string>{words[n]};
  }
  Identity identity() {
    if (pick(4) == 0) return user(pick(2) ? "a" : "admin");
    return member(word(), word(),
                  pick(3) ? std::vector<std::string>{} : std::vector<std::string>{"ADMIN"});
  }
  std::optional<std::string> creator() {
    const auto first = word();
    if (!first || pick(3) == 0) return first;
    return *first + ":" + word().value_or("");
  }
  Metric metric() {
    if (pick(3) == 0) return metric_of(creator());
    return metric_on(creator(), resource_of(creator(), word()));
  }

 private:
  int pick(int n) { return std::uniform_int_distribution<int>{0, n - 1}(random_); }
  std::mt19937 random_;
};

TEST(Visibility, FiltersShowWhatTheRuleAllowsRowByRow) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  RandomRules random{seed};
  for (int round = 0; round < 3000; ++round) {
    const std::string text = random.rule(3);
    const RuleSet rules = one(text);
    const Identity who = random.identity();
    const auto visible = rules.visible("r", who, RowKind::metric);
    for (int row = 0; row < 10; ++row) {
      const Metric metric = random.metric();
      ASSERT_EQ(shows(visible, metric), rules.allows("r", target_of(metric), who))
          << text << "\nasked by " << who.creator << ", metric of "
          << metric.creator.value_or("nobody");
    }
  }
}

}  // namespace
}  // namespace gnocchi::policy
