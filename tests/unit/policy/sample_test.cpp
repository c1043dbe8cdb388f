#include "core/policy/sample.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "core/policy/defaults.h"

namespace gnocchi::policy {
namespace {

TEST(SamplePolicy, ChangesNothingAsItIs) { EXPECT_TRUE(YAML::Load(sample_policy()).IsNull()); }

TEST(SamplePolicy, HoldsEveryRuleWithItsDefaultOnceUncommented) {
  std::istringstream lines(sample_policy());
  std::string uncommented;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#\"")) uncommented += line.substr(1) + "\n";
  }
  const YAML::Node rules = YAML::Load(uncommented);
  ASSERT_EQ(rules.size(), default_rules().size());
  for (const auto& [name, rule] : default_rules()) {
    EXPECT_EQ(rules[std::string(name)].as<std::string>(), rule) << name;
  }
}

}  // namespace
}  // namespace gnocchi::policy
