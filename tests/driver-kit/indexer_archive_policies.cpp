// Indexer: archive policies and rules.
#include <algorithm>

#include "tests/driver-kit/indexer_case.h"

namespace gnocchi::kit {
namespace {

class IndexerArchivePolicies : public IndexerCase {};

TEST_F(IndexerArchivePolicies, APolicyIsReadBackAsItWasWritten) {
  using namespace std::chrono_literals;
  const ArchivePolicy odd{
      fresh_name("policy-"),
      0,
      {{100ms, 36000, 3600s}, {1s, std::nullopt, std::nullopt}, {86400s, 1, 86400s}},
      {"95pct", "count", "rate:mean"}};
  policies().create(odd);
  EXPECT_EQ(policies().get(odd.name), odd);
  const auto all = policies().list();
  EXPECT_NE(std::find(all.begin(), all.end(), odd), all.end());
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; }));
}

TEST_F(IndexerArchivePolicies, UnknownPolicyIsAbsent) {
  EXPECT_EQ(policies().get(fresh_name("policy-")), std::nullopt);
}

TEST_F(IndexerArchivePolicies, APolicyIsMadeOnce) {
  EXPECT_EQ(refusal([&] { policies().create(policy_named(policy())); }),
            because(Reason::already_exists, Subject::archive_policy));
}

TEST_F(IndexerArchivePolicies, UpdateReplacesDefinitionAndBackWindow) {
  using namespace std::chrono_literals;
  ArchivePolicy changed = policy_named(policy());
  changed.back_window = 7;
  changed.definition = {{60s, 20, 1200s}};
  policies().update(changed);
  EXPECT_EQ(policies().get(policy()), changed);
  policies().update(changed);  // as it is
  changed.name = fresh_name("policy-");
  EXPECT_EQ(refusal([&] { policies().update(changed); }),
            because(Reason::no_such_parent, Subject::archive_policy));
}

TEST_F(IndexerArchivePolicies, APolicyInUseStays) {
  const NewMetric metric = new_metric();
  metrics().create(metric);
  const auto in_use = because(Reason::still_in_use, Subject::archive_policy);
  EXPECT_EQ(refusal([&] { policies().remove(policy()); }), in_use);
  metrics().mark_deleted(metric.id);
  EXPECT_EQ(refusal([&] { policies().remove(policy()); }), in_use) << "not expunged yet";
  metrics().expunge(std::vector{metric.id});
  const std::string rule = fresh_name("rule-");
  policies().create_rule({rule, "x*", policy()});
  EXPECT_EQ(refusal([&] { policies().remove(policy()); }), in_use);
  policies().remove_rule(rule);
  policies().remove(policy());
  EXPECT_EQ(policies().get(policy()), std::nullopt);
  EXPECT_EQ(refusal([&] { policies().remove(policy()); }),
            because(Reason::no_such_parent, Subject::archive_policy));
}

TEST_F(IndexerArchivePolicies, AwkwardNamesAreJustNames) {
  for (const std::string& text : awkward_texts()) {
    const ArchivePolicy policy = policy_named(fresh_name("") + text);
    policies().create(policy);
    EXPECT_EQ(policies().get(policy.name), policy) << text;
    policies().remove(policy.name);
  }
}

TEST_F(IndexerArchivePolicies, RulesAreListedByPatternDescending) {
  const std::string mark = fresh_name("");
  std::vector<ArchivePolicyRule> made;
  for (const char* pattern : {"abc.*", "abc.xyz.*", "abc.xyz", "ABC"}) {
    made.push_back({fresh_name("rule-"), mark + pattern, policy()});
    policies().create_rule(made.back());
  }
  std::vector<std::string> listed;
  for (const auto& rule : policies().list_rules()) {
    if (rule.metric_pattern.starts_with(mark)) {
      listed.push_back(rule.metric_pattern.substr(mark.size()));
    }
  }
  EXPECT_EQ(listed, (std::vector<std::string>{"abc.xyz.*", "abc.xyz", "abc.*", "ABC"}));
  EXPECT_EQ(policies().get_rule(made[1].name), made[1]);
}

TEST_F(IndexerArchivePolicies, RulesAreRefusedWithTheirReason) {
  const ArchivePolicyRule rule{fresh_name("rule-"), "*", policy()};
  EXPECT_EQ(policies().get_rule(rule.name), std::nullopt);
  policies().create_rule(rule);
  EXPECT_EQ(refusal([&] { policies().create_rule(rule); }),
            because(Reason::already_exists, Subject::archive_policy_rule));
  EXPECT_EQ(refusal([&] {
              policies().create_rule({fresh_name("rule-"), "*", fresh_name("policy-")});
            }),
            because(Reason::no_such_parent, Subject::archive_policy));
  EXPECT_EQ(refusal([&] { policies().remove_rule(fresh_name("rule-")); }),
            because(Reason::no_such_parent, Subject::archive_policy_rule));
}

TEST_F(IndexerArchivePolicies, ARuleIsRenamed) {
  const ArchivePolicyRule first{fresh_name("rule-"), "a*", policy()};
  const ArchivePolicyRule second{fresh_name("rule-"), "b*", policy()};
  policies().create_rule(first);
  policies().create_rule(second);
  EXPECT_EQ(refusal([&] { policies().rename_rule(first.name, second.name); }),
            because(Reason::already_exists, Subject::archive_policy_rule));
  const std::string name = fresh_name("rule-");
  EXPECT_EQ(policies().rename_rule(first.name, name), (ArchivePolicyRule{name, "a*", policy()}));
  EXPECT_EQ(policies().get_rule(first.name), std::nullopt);
  EXPECT_EQ(refusal([&] { policies().rename_rule(first.name, fresh_name("rule-")); }),
            because(Reason::no_such_parent, Subject::archive_policy_rule));
}

}  // namespace
}  // namespace gnocchi::kit
