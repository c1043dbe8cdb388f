#include "core/config/settings.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "core/config/core_options.h"
#include "core/config/profiles.h"
#include "gnocchi/error.h"

namespace gnocchi::config {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kIndexer[] = "[indexer]\nurl = sqlite:////tmp/x.db\n";

std::unique_ptr<Settings> read(const std::string& text) {
  return settings_from_text(kIndexer + text);
}

std::string fault_of(const std::string& text) {
  try {
    settings_from_text(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid_config);
    return error.what();
  }
  ADD_FAILURE() << "accepted: " << text;
  return {};
}

TEST(Settings, DefaultsAreThoseOfUpstream) {
  const auto settings = read("");
  EXPECT_EQ(settings->text("storage", "driver"), "file");
  EXPECT_EQ(settings->text("incoming", "driver"), "file");
  EXPECT_EQ(settings->integer("api", "port"), 8041);
  EXPECT_EQ(settings->integer("api", "max_limit"), 1000);
  EXPECT_EQ(settings->duration("api", "operation_timeout"), 10s);
  EXPECT_EQ(settings->duration("metricd", "metric_processing_delay"), 60s);
  EXPECT_EQ(settings->duration("metricd", "metric_reporting_delay"), 120s);
  EXPECT_EQ(settings->duration("metricd", "metric_cleanup_delay"), 300s);
  EXPECT_TRUE(settings->boolean("metricd", "greedy"));
  EXPECT_GE(settings->integer("metricd", "workers"), 1);
  EXPECT_THAT(settings->list("archive_policy", "default_aggregation_methods"),
              ElementsAre("mean", "min", "max", "sum", "std", "count"));
  EXPECT_FALSE(settings->has("api", "auth_mode"));
  EXPECT_FALSE(settings->has("DEFAULT", "coordination_url"));
}

TEST(Settings, EveryDefaultIsValid) {
  // A default that its own table refuses would be a fault of every start.
  EXPECT_NO_THROW(read(""));
}

TEST(Settings, SetMeansSetByAFile) {
  const auto settings = read("[api]\nport = 8041\n");
  EXPECT_TRUE(settings->is_set("api", "port"));
  EXPECT_FALSE(settings->is_set("api", "host"));
}

TEST(Settings, LastOneWins) {
  EXPECT_EQ(read("[api]\nport = 1\nport = 2\n[api]\nport = 3\n")->integer("api", "port"), 3);
}

TEST(Settings, RepeatableOptionKeepsAll) {
  EXPECT_THAT(
      read("[oslo_policy]\npolicy_dirs = a\npolicy_dirs = b\n")->list("oslo_policy", "policy_dirs"),
      ElementsAre("a", "b"));
}

TEST(Settings, GroupsAreComparedWithoutCase) {
  EXPECT_EQ(read("[API]\nport = 5\n")->integer("api", "port"), 5);
}

TEST(Settings, NumberSetToNothingIsNotSet) {
  const auto settings = read("[api]\nport =\n[DEFAULT]\nlog_file =\n");
  EXPECT_EQ(settings->integer("api", "port"), 8041);
  EXPECT_FALSE(settings->has("DEFAULT", "log_file"));
}

TEST(Settings, OldNamesAndGroupsAreReadWithANotice) {
  const auto settings = read(
      "[storage]\ncoordination_url = redis://r\naggregation_workers_number = 7\n"
      "metric_processing_delay = 5\n[api]\nrefresh_timeout = 3\n"
      "[oslo_middleware]\nenable_proxy_headers_parsing = yes\n");
  EXPECT_EQ(settings->text("DEFAULT", "coordination_url"), "redis://r");
  EXPECT_EQ(settings->integer("DEFAULT", "parallel_operations"), 7);
  EXPECT_EQ(settings->duration("metricd", "metric_processing_delay"), 5s);
  EXPECT_EQ(settings->duration("api", "operation_timeout"), 3s);
  EXPECT_TRUE(settings->boolean("api", "enable_proxy_headers_parsing"));
  std::vector<std::string> messages;
  for (const Notice& notice : settings->notices()) messages.push_back(notice.message);
  EXPECT_THAT(messages, testing::SizeIs(5));
  EXPECT_THAT(messages,
              testing::Contains("gnocchi.conf:4 [storage] coordination_url is an old name: "
                                "write [DEFAULT] coordination_url"));
}

TEST(Settings, NewNameWinsOverTheOldOne) {
  const auto settings = read("[api]\noperation_timeout = 4\nrefresh_timeout = 3\n");
  EXPECT_EQ(settings->duration("api", "operation_timeout"), 4s);
}

TEST(Settings, DatabaseConnectionStandsForTheIndexerUrl) {
  const auto settings = settings_from_text("[database]\nconnection = mysql+pymysql://u:p@h/g\n");
  EXPECT_EQ(settings->text("indexer", "url"), "mysql+pymysql://u:p@h/g");
}

TEST(Settings, EnvironmentWinsOverFilesAndCommandLineOverBoth) {
  Faults faults;
  Sources sources;
  sources.entries = read_ini("[indexer]\nurl = a://file\n", "f", faults);
  sources.environment["GNOCCHI_INDEXER_URL"] = "a://environment";
  EXPECT_EQ(Settings(sources, faults).text("indexer", "url"), "a://environment");
  sources.command_line = {{"indexer", "url", "a://command"}};
  EXPECT_EQ(Settings(sources, faults).text("indexer", "url"), "a://command");
  EXPECT_TRUE(faults.empty());
}

TEST(Settings, ReferencesAreReplaced) {
  const auto settings = read(
      "[DEFAULT]\nlog_dir = /var/log\nlog_file = $log_dir/x\n"
      "[storage]\ndriver = ceph\nbase = /data\n"
      "[api]\npaste_config = ${storage.base}/$log_dir/p.ini\nhost = a$$b\\$c$\n");
  EXPECT_EQ(settings->text("DEFAULT", "log_file"), "/var/log/x");
  EXPECT_EQ(settings->text("api", "paste_config"), "/data//var/log/p.ini");
  EXPECT_EQ(settings->text("api", "host"), "a$b$c$");
  EXPECT_EQ(settings->text("incoming", "driver"), "ceph");
}

TEST(Settings, ReferenceToAnOptionWithoutValueIsEmpty) {
  EXPECT_EQ(read("[api]\nhost = x$auth_mode\n")->text("api", "host"), "x");
}

TEST(Settings, UnknownReferenceIsAFaultThatTellsHowToWriteADollar) {
  EXPECT_THAT(
      fault_of(std::string(kIndexer) + "[api]\nhost = a$nothing\n"),
      HasSubstr("gnocchi.conf:4 [api] host = \"a$nothing\": $nothing names no option; write $$"));
}

TEST(Settings, ReferencesInACircleAreAFault) {
  EXPECT_THAT(
      fault_of(std::string(kIndexer) + "[api]\nhost = $paste_config\npaste_config = $host\n"),
      HasSubstr("in a circle"));
}

TEST(Settings, ReferencesThatMultiplyAreAFault) {
  std::string text = kIndexer;
  text += "[api]\nhost = $a0$a0\n";
  for (int i = 0; i < 60; ++i) {
    const std::string next = "$a" + std::to_string(i + 1);
    text += "a" + std::to_string(i) + " = " + next + next + "\n";
  }
  EXPECT_THAT(fault_of(text + "a60 =\n"), HasSubstr("in a circle"));
}

TEST(Settings, AllFaultsAreToldTogetherWithFileLineAndExample) {
  const std::string told = fault_of(
      "[api]\nport = http\nmax_limit = 0\nnonsense\n[metricd]\nmetric_cleanup_delay = soon\n"
      "[DEFAULT]\nlog_format = xml\n[archive_policy]\ndefault_aggregation_methods = mean,avg\n");
  EXPECT_THAT(
      told,
      AllOf(HasSubstr("CONFIG_INVALID  gnocchi.conf:2 [api] port = \"http\": not a whole number"),
            HasSubstr("CONFIG_INVALID  gnocchi.conf:3 [api] max_limit = \"0\": must be at least 1"),
            HasSubstr("CONFIG_INVALID  gnocchi.conf:4: neither"),
            HasSubstr(
                "CONFIG_INVALID  gnocchi.conf:6 [metricd] metric_cleanup_delay = \"soon\": not a "
                "duration (examples: 30, 30s, 2m)"),
            HasSubstr("[DEFAULT] log_format = \"xml\": unknown (possible: text, json)"),
            HasSubstr("[archive_policy] default_aggregation_methods = \"mean,avg\": unknown"),
            HasSubstr("CONFIG_INVALID  [indexer] url must be set")));
}

TEST(Settings, SecretsAreNeverShown) {
  const std::string told =
      fault_of("[indexer]\nurl = secret$word\n[DEFAULT]\ncoordination_url = hidden\n");
  EXPECT_THAT(told, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("word;")),
                          Not(HasSubstr("hidden")), HasSubstr("[indexer] url = \"***\"")));
  EXPECT_EQ(read("")->origin("indexer", "url"), "gnocchi.conf:2 [indexer] url = ***");
}

TEST(Settings, OriginTellsWhoAsked) {
  const auto settings = read("[storage]\ndriver = ceph\nceph_secret = key\n");
  EXPECT_EQ(settings->origin("storage", "driver"), "gnocchi.conf:4 [storage] driver = ceph");
  EXPECT_EQ(settings->origin("incoming", "driver"), "default [incoming] driver = ceph");
  EXPECT_THAT(settings->origin("storage", "ceph_secret"), Not(HasSubstr("key")));
}

TEST(Settings, AggregationMethodsOfEveryKindAreAccepted) {
  const auto settings = read(
      "[archive_policy]\ndefault_aggregation_methods = 95pct, 1pct, rate:mean, first, last, "
      "median\n");
  EXPECT_THAT(settings->list("archive_policy", "default_aggregation_methods"), testing::SizeIs(6));
  for (const char* wrong : {"0pct", "100pct", "pct", "rate:", "05pct", "-5pct"}) {
    EXPECT_THAT(fault_of(std::string(kIndexer) +
                         "[archive_policy]\ndefault_aggregation_methods = " + wrong + "\n"),
                HasSubstr("unknown"));
  }
}

TEST(Settings, UndeclaredOptionIsABug) {
  const auto settings = read("");
  EXPECT_THROW((void)settings->text("api", "nothing"), Error);
  EXPECT_THROW((void)settings->text("api", "port"), Error);
}

TEST(Settings, ProgramDefaultsStandUnderTheFiles) {
  const std::vector<Assignment> defaults = embedded_defaults("/srv/a$b", "rocksdb");
  const auto settings = settings_from_text("[api]\nauth_mode = noauth\n", defaults);
  EXPECT_EQ(settings->text("indexer", "url"), "sqlite:////srv/a$b/gnocchi.db");
  EXPECT_EQ(settings->text("api", "auth_mode"), "noauth");
  EXPECT_FALSE(settings->is_set("indexer", "url"));
  EXPECT_EQ(settings->text("storage", "driver"), "rocksdb");
  EXPECT_EQ(settings->program_default("storage", "rocksdb_path")->value, "/srv/a$$b/rocksdb");
}

TEST(Settings, TheEmbeddedDefaultKeepsToTheDataThatIsThere) {
  std::string pattern = std::filesystem::temp_directory_path() / "settings-test-XXXXXX";
  const std::filesystem::path directory = ::mkdtemp(pattern.data());
  EXPECT_EQ(embedded_storage(directory, true), "rocksdb");
  EXPECT_EQ(embedded_storage(directory, false), "file");
  EXPECT_EQ(embedded_storage(directory / "absent", true), "rocksdb");
  std::filesystem::create_directories(directory / "tmp");
  std::ofstream(directory / "tmp" / "gnocchi-config") << "{}";
  EXPECT_EQ(embedded_storage(directory, true), "file");
  std::filesystem::create_directories(directory / "rocksdb");
  std::ofstream(directory / "rocksdb" / "CURRENT") << "";
  EXPECT_EQ(embedded_storage(directory, true), "rocksdb");
  EXPECT_EQ(embedded_storage(directory, false), "rocksdb") << "whose plugin is then missing";
  std::filesystem::create_symlink("loop", directory / "loop");
  EXPECT_THROW(embedded_storage(directory / "loop", true), Error) << "cannot be looked into";
  std::filesystem::remove_all(directory);
}

TEST(Settings, FilesAreFoundBesideTheConfiguration) {
  std::string pattern = std::filesystem::temp_directory_path() / "settings-test-XXXXXX";
  const std::filesystem::path directory = ::mkdtemp(pattern.data());
  std::ofstream(directory / "my.conf") << kIndexer;
  std::ofstream(directory / "policy.yaml") << "";
  Faults faults;
  const auto settings = read_settings("test", {directory / "my.conf"}, {}, {}, {}, faults);
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(settings->find_file("policy.yaml"), directory / "policy.yaml");
  EXPECT_EQ(settings->find_file("no-such-policy.yaml"), std::nullopt);
  std::filesystem::remove_all(directory);
}

TEST(Settings, NoOptionIsDeclaredTwice) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const CoreOption& option : core_options()) {
    EXPECT_TRUE(seen.emplace(option.group, option.spec.name).second)
        << option.group << " " << option.spec.name;
  }
}

}  // namespace
}  // namespace gnocchi::config
