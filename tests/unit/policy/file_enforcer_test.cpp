#include "core/policy/file_enforcer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gnocchi/error.h"
#include "tests/support/memory_log.h"
#include "tests/unit/policy/identities.h"

namespace gnocchi::policy {
namespace {

namespace fs = std::filesystem;

class FileEnforcerTest : public testing::Test {
 protected:
  FileEnforcerTest() { fs::create_directories(folder_ / "policy.d"); }
  ~FileEnforcerTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream{folder_ / name} << text;
    return folder_ / name;
  }
  FileEnforcer enforcer(const std::string& name = "policy.yaml") {
    return {{{folder_ / name}, {folder_ / "policy.d"}, "default"}, log_};
  }
  std::string fault() {
    try {
      enforcer();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::invalid_config);
      return error.what();
    }
    return {};
  }

  support::MemoryLog log_;
  fs::path folder_ = fs::temp_directory_path() / ("policy-test-" + std::to_string(::getpid()));
};

const Identity kAdmin = member("root", "ops", {"admin"});
const Identity kMember = member("u", "p", {"member"});
const Identity kService = member("ceilometer", "service", {"service"});

TEST_F(FileEnforcerTest, WithoutAFileTheDefaultsHold) {
  const auto policy = enforcer("absent.yaml");
  EXPECT_TRUE(policy.allows("get status", {}, kAdmin));
  EXPECT_FALSE(policy.allows("get status", {}, kMember));
  EXPECT_TRUE(policy.allows("create metric", {}, kMember));
  EXPECT_TRUE(policy.allows("create archive policy", {}, kService));
  EXPECT_FALSE(policy.allows("delete archive policy", {}, kService));
  EXPECT_TRUE(policy.allows("post measures", {{"creator", "u:p"}}, kService));
  EXPECT_FALSE(policy.allows("delete metric", {{"creator", "x:y"}}, kService));
  EXPECT_FALSE(policy.allows("unknown rule", {}, kAdmin));
}

TEST_F(FileEnforcerTest, YamlJsonAndListsAreRead) {
  write("policy.yaml",
        "# comment\n\"get status\": \"role:member\"\n\"get metric\": [[\"role:a\", "
        "\"role:b\"], [\"role:member\"]]\n\"delete metric\": null\n");
  const auto yaml = enforcer();
  EXPECT_TRUE(yaml.allows("get status", {}, kMember));
  EXPECT_TRUE(yaml.allows("get metric", {}, kMember));
  EXPECT_TRUE(yaml.allows("delete metric", {}, kMember));
  EXPECT_FALSE(yaml.allows("create archive policy", {}, kMember));

  write("policy.json", "{\n  \"get status\": \"!\",\n  \"get metric\": \"\"\n}\n");
  const auto json = enforcer("policy.json");
  EXPECT_FALSE(json.allows("get status", {}, kAdmin));
  EXPECT_TRUE(json.allows("get metric", {}, kMember));
}

TEST_F(FileEnforcerTest, FilesOfPolicyDirsReplaceByName) {
  write("policy.yaml", "\"get status\": \"role:one\"\n");
  write("policy.d/10.yaml", "\"get status\": \"role:two\"\n");
  write("policy.d/20.yaml", "\"get status\": \"role:member\"\n");
  write("policy.d/.hidden.yaml", "garbled");
  EXPECT_TRUE(enforcer().allows("get status", {}, kMember));
}

TEST_F(FileEnforcerTest, FaultsNameFileAndRule) {
  const std::string file = write("policy.yaml", "\"get status\": \"role:a role:b\"\n").string();
  EXPECT_EQ(fault(), "policy file " + file + ": rule \"get status\": unexpected role:b as word 2");
  write("policy.yaml", "\"get status\": \"rule:gone\"\n");
  EXPECT_EQ(fault(), "policy files " + file +
                         ": rule \"get status\" refers to rule \"gone\", which does not exist");
  write("policy.yaml", "\"get status\": {\"a\": 1}\n");
  EXPECT_EQ(fault(),
            "policy file " + file + ": rule \"get status\": neither a text nor a list of lists");
  write("policy.yaml", "- a\n- b\n");
  EXPECT_EQ(fault(), "policy file " + file + ": not a mapping of names to rules");
  write("policy.yaml", "\"a\": \"b\n: c");
  EXPECT_EQ(fault().find("policy file " + file + ": yaml-cpp: error at line"), 0U) << fault();
}

TEST_F(FileEnforcerTest, RemoteChecksAreNotedInTheLog) {
  write("policy.yaml", "\"get status\": \"role:admin or http://other.example/%(x)s\"\n");
  const auto policy = enforcer();
  EXPECT_TRUE(policy.allows("get status", {}, kAdmin));
  EXPECT_FALSE(policy.allows("get status", {}, kMember));
  EXPECT_EQ(log_.find("asks another server").size(), 1U);
}

TEST_F(FileEnforcerTest, FilesOfGnocchi3KeepListingsToTheirOwners) {
  write("policy.json", R"({"list metric": "", "list all metric": "role:admin"})");
  const auto policy = enforcer("policy.json");
  EXPECT_TRUE(
      std::holds_alternative<Everything>(policy.visible("list metric", kAdmin, RowKind::metric)));
  EXPECT_TRUE(
      std::holds_alternative<Filter>(policy.visible("list metric", kMember, RowKind::metric)));
}

TEST_F(FileEnforcerTest, ModesWithoutProjectsListAllMetricsAndNothingElse) {
  const auto policy = enforcer("absent.yaml");
  const Identity who = user("foobar");
  EXPECT_TRUE(
      std::holds_alternative<Everything>(policy.visible("list metric", who, RowKind::metric)));
  for (const char* rule : {"list resource", "search resource", "delete resources"}) {
    EXPECT_TRUE(std::holds_alternative<Filter>(policy.visible(rule, who, RowKind::resource)))
        << rule;
  }
  EXPECT_TRUE(std::holds_alternative<Filter>(
      policy.visible("list metric", member(std::nullopt, std::nullopt), RowKind::metric)));
  write("policy.yaml", "\"list metric\": \"role:admin\"\n");
  EXPECT_TRUE(
      std::holds_alternative<Nothing>(enforcer().visible("list metric", who, RowKind::metric)));
}

TEST_F(FileEnforcerTest, ReloadTakesNewRulesAndKeepsTheOldOnesIfTheNewAreFaulty) {
  write("policy.yaml", "\"get status\": \"role:member\"\n");
  auto policy = enforcer();
  EXPECT_TRUE(policy.allows("get status", {}, kMember));
  write("policy.yaml", "\"get status\": \"role:admin\"\n");
  policy.reload();
  EXPECT_FALSE(policy.allows("get status", {}, kMember));
  write("policy.yaml", "\"get status\": \"and\"\n");
  policy.reload();
  EXPECT_TRUE(policy.allows("get status", {}, kAdmin));
  EXPECT_EQ(log_.find("policy not reloaded").size(), 1U);
}

}  // namespace
}  // namespace gnocchi::policy
