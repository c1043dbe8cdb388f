#include "core/config/driver_options.h"

#include <gmock/gmock.h>

#include "gnocchi/error.h"

namespace gnocchi::config {
namespace {

using namespace std::chrono_literals;
using plugin::OptionSpec;
using plugin::OptionType;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr OptionSpec kCeph[] = {
    {"ceph_pool", OptionType::text, "gnocchi", "Pool."},
    {"ceph_secret", OptionType::text, nullptr, "Key.", false, true},
    {"ceph_timeout", OptionType::duration, "30", "Timeout.", false, false, 1, 3600},
    {"ceph_conffile", OptionType::path, "/etc/ceph/ceph.conf", "File."},
    {"ceph_keyring", OptionType::path, nullptr, "Keyring.", false, false, 0, 0, "ceph_keyfile"},
};
constexpr OptionSpec kIndexer[] = {{"url", OptionType::url, nullptr, "URL.", true, true}};

std::unique_ptr<Settings> read(const std::string& text, std::vector<Assignment> defaults = {}) {
  return settings_from_text("[indexer]\nurl = mysql://h/g\n" + text, std::move(defaults));
}

std::unique_ptr<plugin::Options> ceph(const std::string& text,
                                      const std::vector<std::string>& sections = {"storage"}) {
  Faults faults;
  auto options = make_driver_options(*read(text), kCeph, sections, {}, faults);
  EXPECT_THAT(faults.messages(), testing::IsEmpty());
  return options;
}

TEST(DriverOptions, DefaultsComeFromTheSpecs) {
  const auto options = ceph("");
  EXPECT_EQ(options->text("ceph_pool"), "gnocchi");
  EXPECT_EQ(options->duration("ceph_timeout"), 30s);
  EXPECT_FALSE(options->has("ceph_secret"));
}

TEST(DriverOptions, SectionSetsThem) {
  const auto options = ceph("[storage]\nceph_pool = metrics\nceph_timeout = 2m\n");
  EXPECT_EQ(options->text("ceph_pool"), "metrics");
  EXPECT_EQ(options->duration("ceph_timeout"), 2min);
}

TEST(DriverOptions, IncomingFallsBackToStorage) {
  const auto options =
      ceph("[storage]\nceph_pool = a\nceph_secret = s\n[incoming]\nceph_pool = b\n",
           {"incoming", "storage"});
  EXPECT_EQ(options->text("ceph_pool"), "b");
  EXPECT_EQ(options->text("ceph_secret"), "s");
}

TEST(DriverOptions, ReferencesSeeTheDriversOwnDefaults) {
  const auto options =
      ceph("[incoming]\nceph_pool = ${storage.ceph_pool}-in\nceph_keyring = $ceph_conffile\n",
           {"incoming", "storage"});
  EXPECT_EQ(options->text("ceph_pool"), "gnocchi-in");
  EXPECT_EQ(options->text("ceph_keyring"), "/etc/ceph/ceph.conf");
}

TEST(DriverOptions, OldNameIsRead) {
  EXPECT_EQ(ceph("[storage]\nceph_keyfile = /k\n")->text("ceph_keyring"), "/k");
}

TEST(DriverOptions, CoresOwnOptionKeepsEnvironmentAndOldNames) {
  const auto settings = settings_from_text("[database]\nconnection = mysql://old$$h/g\n");
  Faults faults;
  const auto options = make_driver_options(*settings, kIndexer, {"indexer"}, {}, faults);
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(options->text("url"), "mysql://old$h/g");
}

TEST(DriverOptions, GivenValuesWinAndAreTakenLiterally) {
  Faults faults;
  const auto options = make_driver_options(*read(""), kIndexer, {"coordination"},
                                           {{"url", "file:///$x"}, {"other", "1"}}, faults);
  EXPECT_EQ(options->text("url"), "file:///$x");
}

TEST(DriverOptions, ProgramDefaultStandsOverTheSpecs) {
  Faults faults;
  const auto settings = read("", {{"storage", "ceph_pool", "embedded"}});
  EXPECT_EQ(
      make_driver_options(*settings, kCeph, {"incoming", "storage"}, {}, faults)->text("ceph_pool"),
      "embedded");
}

TEST(DriverOptions, AllFaultsAreToldAndSecretsAreNot) {
  constexpr OptionSpec kSpecs[] = {
      {"a", OptionType::integer, nullptr, "A.", true},
      {"b", OptionType::duration, "30", "B."},
      {"c", OptionType::integer, nullptr, "C.", false, true},
  };
  Faults faults;
  const auto settings = read("[storage]\nb = soon\nc = hush\n");
  make_driver_options(*settings, kSpecs, {"storage"}, {}, faults);
  EXPECT_THAT(faults.messages(),
              ElementsAre("CONFIG_INVALID  [storage] a must be set (example: a = 1, 128)",
                          "CONFIG_INVALID  gnocchi.conf:4 [storage] b = \"soon\": not a duration "
                          "(examples: 30, 30s, 2m)",
                          HasSubstr("c = \"***\": not a whole number")));
}

TEST(DriverOptions, AskingForWhatIsNotDeclaredIsABug) {
  const auto options = ceph("");
  EXPECT_THROW((void)options->text("pool"), Error);
  EXPECT_THROW((void)options->has("pool"), Error);
  EXPECT_THROW((void)options->integer("ceph_pool"), Error);
  EXPECT_THROW((void)options->text("ceph_secret"), Error);
}

TEST(UnknownKeys, MistypedKeyIsAWarningWithTheNearestName) {
  const auto settings = read("[storage]\nceph_pol = x\n");
  const auto notices = unknown_driver_keys(*settings, {{"storage", kCeph}});
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].message,
            "gnocchi.conf:4 [storage] ceph_pol: unknown option; did you mean ceph_pool?");
  EXPECT_EQ(notices[0].level, plugin::Log::Level::warning);
}

TEST(UnknownKeys, OtherDriversKeysAndOldNamesPass) {
  const auto settings = read(
      "[storage]\ndriver = ceph\ns3_region_name = x\nfile_basepath = /y\ncoordination_url = a://b\n"
      "ceph_keyfile = z\nmetric_cleanup_delay = 5\n");
  EXPECT_THAT(unknown_driver_keys(*settings, {{"storage", kCeph}}), testing::IsEmpty());
}

TEST(UnknownKeys, GroupsThatNoDriverReadsHereAreLeftAlone) {
  const auto settings = read("[keystone_authtoken]\nwhatever = 1\n");
  EXPECT_THAT(unknown_driver_keys(*settings, {{"storage", kCeph}}), testing::IsEmpty());
}

}  // namespace
}  // namespace gnocchi::config
