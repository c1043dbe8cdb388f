#include "core/policy/rule_set.h"

#include <gtest/gtest.h>

#include "gnocchi/error.h"
#include "tests/unit/policy/identities.h"

namespace gnocchi::policy {
namespace {

bool allows(const std::string& rule, const Target& target, const Identity& who) {
  return RuleSet{{{"asked", parse_rule(rule)}}, "default"}.allows("asked", target, who);
}

TEST(RuleLanguage, EmptyAndAtAllowAndExclamationMarkDenies) {
  EXPECT_TRUE(allows("", {}, {}));
  EXPECT_TRUE(allows("  ", {}, {}));
  EXPECT_TRUE(allows("@", {}, {}));
  EXPECT_FALSE(allows("!", {}, {}));
}

TEST(RuleLanguage, RolesAreComparedWithoutCase) {
  const Identity who = member("u", "p", {"Member", "reader"});
  EXPECT_TRUE(allows("role:member", {}, who));
  EXPECT_TRUE(allows("role:READER", {}, who));
  EXPECT_FALSE(allows("role:admin", {}, who));
  EXPECT_TRUE(allows("role:%(wanted)s", {{"wanted", "MEMBER"}}, who));
  EXPECT_FALSE(allows("role:%(wanted)s", {}, who));
}

TEST(RuleLanguage, NotBindsCloserThanAndAndAndCloserThanOr) {
  EXPECT_TRUE(allows("@ or ! and !", {}, {}));
  EXPECT_FALSE(allows("(@ or !) and !", {}, {}));
  EXPECT_TRUE(allows("not ! and @", {}, {}));
  EXPECT_FALSE(allows("not (! or @)", {}, {}));
  EXPECT_TRUE(allows("not not @", {}, {}));
  EXPECT_TRUE(allows("! and ! or @", {}, {}));
  EXPECT_TRUE(allows("((@)) AND NOT !", {}, {}));
}

TEST(RuleLanguage, CredentialsAreComparedWithAttributesAndText) {
  const Identity who = member("alice", "blue");
  EXPECT_TRUE(allows("project_id:%(project_id)s", {{"project_id", "blue"}}, who));
  EXPECT_FALSE(allows("project_id:%(project_id)s", {{"project_id", "BLUE"}}, who));
  EXPECT_FALSE(allows("project_id:%(project_id)s", {}, who));
  EXPECT_TRUE(allows("user_id:alice", {}, who));
  EXPECT_TRUE(allows("user:%(creator)s", {{"creator", "alice:blue"}}, who));
  EXPECT_TRUE(allows("user:%(u)s:%(p)s", {{"u", "alice"}, {"p", "blue"}}, who));
  EXPECT_FALSE(allows("nothing:blue", {}, who));
}

TEST(RuleLanguage, FurtherCredentialsMayBeNested) {
  Identity who = member("u", "p");
  who.attributes = {{"system_scope", "all"}, {"token.methods", "password"}};
  EXPECT_TRUE(allows("system_scope:all", {}, who));
  EXPECT_TRUE(allows("token.methods:password", {}, who));
}

TEST(RuleLanguage, LiteralsAreComparedWithAttributes) {
  const Target target{{"role.name", "Member"}, {"enabled", "True"}, {"n", "42"}, {"gone", {}}};
  EXPECT_TRUE(allows("'Member':%(role.name)s", target, {}));
  EXPECT_TRUE(allows("\"Member\":%(role.name)s", target, {}));
  EXPECT_TRUE(allows("True:%(enabled)s", target, {}));
  EXPECT_FALSE(allows("False:%(enabled)s", target, {}));
  EXPECT_TRUE(allows("42:%(n)s", target, {}));
  EXPECT_TRUE(allows("None:%(gone)s", target, {}));
  EXPECT_FALSE(allows("None:%(absent)s", target, {}));
}

TEST(RuleLanguage, MissingCredentialsNeverEqualMissingAttributes) {
  const Identity nobody = member("u", std::nullopt);
  const Identity empty = member("u", "");
  for (const Identity& who : {nobody, empty}) {
    EXPECT_FALSE(allows("project_id:%(project_id)s", {{"project_id", std::nullopt}}, who));
    EXPECT_FALSE(allows("project_id:%(project_id)s", {{"project_id", ""}}, who));
    EXPECT_FALSE(allows("project_id:%(project_id)s", {{"project_id", "None"}}, who));
  }
}

TEST(RuleLanguage, RemoteChecksDeny) {
  EXPECT_FALSE(allows("http://policy.example/check", {}, {}));
  EXPECT_FALSE(allows("https://policy.example/check", {}, member("u", "p", {"admin"})));
}

TEST(RuleLanguage, ListsOfListsAreOrsOfAnds) {
  const auto decide = [](const std::vector<std::vector<std::string>>& lists) {
    return RuleSet{{{"asked", parse_rule(lists)}}, "default"}.allows("asked", {},
                                                                     member("u", "p", {"a", "b"}));
  };
  EXPECT_TRUE(decide({}));
  EXPECT_TRUE(decide({{"role:a", "role:b"}, {"!"}}));
  EXPECT_FALSE(decide({{"role:a", "role:c"}, {"role:c"}}));
  EXPECT_FALSE(decide({{}}));
}

TEST(RuleLanguage, PercentSignsAreDoubled) {
  EXPECT_TRUE(allows("'100%':%(share)s%%", {{"share", "100"}}, {}));
}

TEST(RuleLanguage, GarbledRulesAreRefused) {
  for (const char* rule : {"role:a role:b", "and role:a", "role:a and", "not", "(role:a", "role:a)",
                           "()", "admin", "'quoted'", ":x", "user:%(creator)", "user:%creator",
                           "user:%(creator)d", "a:%()s", "a:%(x)s%(y)s%(z)s"}) {
    EXPECT_THROW(parse_rule(std::string_view{rule}), Refused) << rule;
  }
  EXPECT_THROW(parse_rule(std::string(100'000, '(')), Refused);
  std::string negations;
  for (int i = 0; i < 10'000; ++i) negations += "not ";
  EXPECT_THROW(parse_rule(negations + "@"), Refused);
}

TEST(RuleSet, RulesReferToEachOtherAndUnknownOnesDeny) {
  const RuleSet rules{{{"a", parse_rule("rule:b or role:x")}, {"b", parse_rule("role:y")}}, "none"};
  EXPECT_TRUE(rules.allows("a", {}, member("u", "p", {"y"})));
  EXPECT_FALSE(rules.allows("a", {}, member("u", "p", {"z"})));
  EXPECT_FALSE(rules.allows("unknown", {}, member("u", "p", {"admin"})));
}

TEST(RuleSet, DefaultRuleServesWhatIsNotThere) {
  const RuleSet rules{{{"default", parse_rule("role:d")}, {"a", parse_rule("rule:gone")}},
                      "default"};
  EXPECT_TRUE(rules.allows("unknown", {}, member("u", "p", {"d"})));
  EXPECT_TRUE(rules.allows("a", {}, member("u", "p", {"d"})));
  EXPECT_FALSE(rules.allows("a", {}, member("u", "p")));
}

std::string fault_of(std::map<std::string, Check, std::less<>> rules) {
  try {
    RuleSet{std::move(rules), "default"};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid_config);
    return error.what();
  }
  return {};
}

TEST(RuleSet, UnknownReferencesAndCirclesAreNamed) {
  EXPECT_EQ(fault_of({{"a", parse_rule("role:x or rule:gone")}}),
            "rule \"a\" refers to rule \"gone\", which does not exist");
  EXPECT_EQ(fault_of({{"a", parse_rule("rule:b")}, {"b", parse_rule("not rule:a")}}),
            "rule \"a\" leads back to rule \"a\"");
  EXPECT_EQ(fault_of({{"default", parse_rule("rule:gone")}}),
            "rule \"default\" leads back to rule \"gone\"");
}

}  // namespace
}  // namespace gnocchi::policy
