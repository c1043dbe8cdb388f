// Every way in which a plugin can fail to load gives its own message, which says what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/plugin/loader.h"

namespace gnocchi::plugin {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::filesystem::path kDirectory = BAD_PLUGINS_DIR;
const std::filesystem::path kSecondDirectory = BAD_PLUGINS_DIR "-2";
constexpr char kAskedBy[] = "/etc/gnocchi/gnocchi.conf:3 [storage] driver = it";

class SilentLog final : public Log {
 public:
  void write(Level, std::string_view) override {}
  bool enabled(Level) const override { return false; }
};

class NoOptions final : public Options {
 public:
  std::string text(std::string_view name) const override { none(name); }
  std::int64_t integer(std::string_view name) const override { none(name); }
  double real(std::string_view name) const override { none(name); }
  bool boolean(std::string_view name) const override { none(name); }
  std::chrono::nanoseconds duration(std::string_view name) const override { none(name); }
  bool has(std::string_view name) const override { none(name); }

 private:
  [[noreturn]] static void none(std::string_view name) {
    throw Error(Error::Code::internal, "no option " + std::string(name));
  }
};

Request request_for(const std::string& name) {
  Request request;
  request.name = name;
  request.asked_by = kAskedBy;
  return request;
}

/// What the user reads when storage:`name` is asked for.
std::string message_for(const std::string& name,
                        std::vector<std::filesystem::path> plugin_path = {kDirectory}) {
  SilentLog log;
  Loader loader(std::move(plugin_path), "test", log);
  try {
    loader.load_storage(request_for(name),
                        [](const DriverSpec&) { return std::make_unique<NoOptions>(); });
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid_config);
    return error.what();
  }
  return "loaded";
}

std::string file_of(const std::string& name) {
  return (kDirectory / file_name(Kind::storage, name)).string();
}

/// "ID  who asked\n  file ..."
auto is_fault(const std::string& id, const std::string& name) {
  return AllOf(StartsWith(id + "  " + kAskedBy + "\n  "), HasSubstr(file_of(name)));
}

TEST(Loader, LoadsAGoodPlugin) { EXPECT_EQ(message_for("good"), "loaded"); }

TEST(Loader, NamesThatCouldBePathsAreRefused) {
  for (const char* name : {"", "../good", "/tmp/good", "Good", "9good", "-good", "go od", "good.so",
                           "go/od", "g\xc3\xb6od"}) {
    EXPECT_THAT(message_for(name), StartsWith(std::string("PLUGIN_NAME_INVALID  ") + kAskedBy))
        << name;
  }
}

TEST(Loader, UnknownNamesGetTheInstalledOnesSuggested) {
  const std::string message = message_for("cpeh");
  EXPECT_THAT(message, StartsWith(std::string("PLUGIN_NOT_FOUND  ") + kAskedBy +
                                  "\n  no storage-cpeh.so in " + kDirectory.string() + ". "));
  EXPECT_THAT(message,
              HasSubstr("Installed storage drivers: bad-options, broken-link, create-null"));
  EXPECT_THAT(message, HasSubstr("good"));
}

TEST(Loader, AnEmptyOrMissingPluginPathIsNamed) {
  EXPECT_THAT(message_for("file", {}), HasSubstr("plugin_path is empty"));
  EXPECT_THAT(message_for("file", {"/nonexistent/plugins"}),
              AllOf(StartsWith("PLUGIN_NOT_FOUND"), HasSubstr("/nonexistent/plugins"),
                    HasSubstr("No storage drivers are installed there")));
}

TEST(Loader, TwoFilesForOneDriverAreRefused) {
  EXPECT_THAT(message_for("garbage-twice", {kDirectory, kSecondDirectory}),
              AllOf(StartsWith("PLUGIN_AMBIGUOUS  "), HasSubstr(kDirectory.string() + "/storage"),
                    HasSubstr(kSecondDirectory.string() + "/storage")));
}

TEST(Loader, TwoLinksToOneFileAreOneDriver) {
  EXPECT_EQ(message_for("good", {kDirectory, kSecondDirectory}), "loaded");
}

TEST(Loader, AFileThatIsNoLibraryIsToldWithTheLinkersReason) {
  EXPECT_THAT(message_for("garbage"),
              AllOf(is_fault("PLUGIN_OPEN_FAILED", "garbage"), EndsWith("file too short")));
}

TEST(Loader, ABrokenLinkIsToldWithTheLinkersReason) {
  EXPECT_THAT(message_for("broken-link"), AllOf(is_fault("PLUGIN_OPEN_FAILED", "broken-link"),
                                                HasSubstr("No such file or directory")));
}

TEST(Loader, AMissingDependencyIsNamed) {
  EXPECT_THAT(message_for("missing-dependency"),
              AllOf(is_fault("PLUGIN_OPEN_FAILED", "missing-dependency"),
                    HasSubstr("libbad-missing-library.so: cannot open shared object file")));
}

TEST(Loader, AnUnresolvedSymbolIsNamedAtTheLoadAndNotAtTheFirstCall) {
  EXPECT_THAT(message_for("unresolved"),
              AllOf(is_fault("PLUGIN_OPEN_FAILED", "unresolved"), HasSubstr("defined_nowhere")));
  EXPECT_THAT(message_for("unresolved-now"), AllOf(is_fault("PLUGIN_OPEN_FAILED", "unresolved-now"),
                                                   HasSubstr("defined_nowhere")));
}

TEST(Loader, ALibraryWithoutAManifestIsNoPlugin) {
  EXPECT_THAT(message_for("no-manifest"), AllOf(is_fault("PLUGIN_NO_MANIFEST", "no-manifest"),
                                                HasSubstr("gnocchi_plugin_manifest")));
}

TEST(Loader, AnotherMagicIsRefused) {
  EXPECT_THAT(message_for("wrong-magic"), AllOf(is_fault("PLUGIN_MAGIC_MISMATCH", "wrong-magic"),
                                                HasSubstr("0xdeadbeef"), HasSubstr("0x474e4f43")));
}

TEST(Loader, AnotherLayoutIsRefusedWithBothNumbers) {
  EXPECT_THAT(message_for("wrong-layout"),
              AllOf(is_fault("PLUGIN_LAYOUT_MISMATCH", "wrong-layout"), HasSubstr("layout 2"),
                    HasSubstr("layout 1"), HasSubstr("Rebuild the plugin against gnocchi ")));
}

TEST(Loader, AnotherAbiTagIsRefusedWithBothTags) {
  EXPECT_THAT(message_for("other-abi"),
              AllOf(is_fault("PLUGIN_ABI_MISMATCH", "other-abi"), HasSubstr("Plugin: libc++-v1"),
                    HasSubstr(std::string("gnocchi: ") + kAbiTag)));
}

TEST(Loader, AnOlderInterfaceAsksForARebuild) {
  EXPECT_THAT(message_for("older-interface"),
              AllOf(is_fault("PLUGIN_INTERFACE_MISMATCH", "older-interface"),
                    HasSubstr("was built for storage interface " +
                              std::to_string(kStorageInterface - 1) + " (gnocchi "),
                    HasSubstr("speaks storage interface " + std::to_string(kStorageInterface)),
                    HasSubstr("Rebuild the plugin against gnocchi ")));
}

TEST(Loader, ANewerInterfaceAsksForANewerGnocchi) {
  EXPECT_THAT(
      message_for("newer-interface"),
      AllOf(is_fault("PLUGIN_INTERFACE_MISMATCH", "newer-interface"),
            HasSubstr("was built for storage interface " + std::to_string(kStorageInterface + 1)),
            HasSubstr("Install gnocchi ")));
}

TEST(Loader, AKindOrNameThatThePluginDoesNotServeIsToldWithWhatItServes) {
  EXPECT_THAT(message_for("kind-absent"),
              AllOf(is_fault("PLUGIN_DRIVER_MISSING", "kind-absent"),
                    HasSubstr("does not serve storage:kind-absent, but incoming:kind-absent, "
                              "storage:something-else")));
}

TEST(Loader, OneDriverDeclaredTwiceIsRefused) {
  EXPECT_THAT(message_for("duplicate"), AllOf(is_fault("PLUGIN_DRIVER_DUPLICATE", "duplicate"),
                                              HasSubstr("storage:duplicate more than once")));
}

TEST(Loader, AllFaultsOfAnOptionTableAreToldTogether) {
  EXPECT_THAT(
      message_for("bad-options"),
      AllOf(is_fault("PLUGIN_OPTIONS_INVALID", "bad-options"),
            HasSubstr("option number 1 has no proper name"),
            HasSubstr("option twice is declared twice"),
            HasSubstr("option silent has no help text"), HasSubstr("option odd_type has type 99"),
            HasSubstr("option no_room has a minimum"),
            HasSubstr("option needless is required and has a default"),
            HasSubstr("option out_of_range has a default that cannot be"),
            HasSubstr("option mistyped has a default that cannot be")));
}

TEST(Loader, WhatCreateThrowsIsInTheMessage) {
  EXPECT_THAT(message_for("create-throws"), AllOf(is_fault("PLUGIN_CREATE_FAILED", "create-throws"),
                                                  HasSubstr("the pool has no name")));
  EXPECT_THAT(message_for("create-throws-odd"),
              AllOf(is_fault("PLUGIN_CREATE_FAILED", "create-throws-odd"),
                    HasSubstr("not a std::exception")));
}

TEST(Loader, ADriverThatIsNotCreatedIsAFaultOfThePlugin) {
  EXPECT_THAT(message_for("create-null"), AllOf(is_fault("PLUGIN_CREATE_NULL", "create-null"),
                                                HasSubstr("create returned nothing")));
  EXPECT_THAT(message_for("no-create"), AllOf(is_fault("PLUGIN_CREATE_NULL", "no-create"),
                                              HasSubstr("has no create function")));
}

TEST(Loader, ADriverOfAnotherKindThanDeclaredIsRefused) {
  EXPECT_THAT(message_for("wrong-type"), AllOf(is_fault("PLUGIN_CREATE_WRONG_TYPE", "wrong-type"),
                                               HasSubstr("is no storage driver")));
}

TEST(Loader, WrongValuesOfOptionsEndTheLoadWithTheReadersMessage) {
  SilentLog log;
  Loader loader({kDirectory}, "test", log);
  const auto refuse = [](const DriverSpec& driver) -> std::unique_ptr<const Options> {
    EXPECT_STREQ(driver.name, "good");
    throw Error(Error::Code::invalid_config, "CONFIG_INVALID  all of them");
  };
  try {
    loader.load_storage(request_for("good"), refuse);
    FAIL() << "loaded";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "CONFIG_INVALID  all of them");
  }
}

TEST(Loader, ListsEveryInstalledFileOnceAndReportsTheUnusable) {
  const std::vector<Installed> installed = list_installed({kDirectory, kSecondDirectory});
  std::size_t good = 0;
  std::size_t twice = 0;
  for (const Installed& entry : installed) {
    const std::string name = entry.file.filename().string();
    EXPECT_EQ(entry.manifest == nullptr, !entry.fault.empty()) << name;
    if (name == "storage-good.so") {
      ++good;
      EXPECT_NE(entry.manifest, nullptr);
      EXPECT_EQ(entry.file.parent_path(), kDirectory);
    }
    if (name == "storage-garbage-twice.so") ++twice;
    if (name == "storage-garbage.so") {
      EXPECT_THAT(entry.fault, StartsWith("PLUGIN_OPEN_FAILED\n"));
    }
    if (name == "storage-other-abi.so") {
      EXPECT_THAT(entry.fault, StartsWith("PLUGIN_ABI_MISMATCH\n"));
    }
  }
  EXPECT_EQ(good, 1U) << "a link to a file is that file";
  EXPECT_EQ(twice, 2U) << "two files of one name are two files";
}

struct Outcome {
  int status = -1;
  std::string output;
};

Outcome run(const std::string& command) {
  Outcome outcome;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), size);
  }
  outcome.status = WEXITSTATUS(pclose(pipe));
  return outcome;
}

Outcome run_plugin_info(const std::string& arguments) {
  return run(std::string(PLUGIN_INFO) + " " + arguments);
}

/// What a configuration may ask for, and the message for it.
const std::vector<std::pair<std::string, std::string>> kFaults = {
    {"nothing-like-it", "PLUGIN_NOT_FOUND"},
    {"../escape", "PLUGIN_NAME_INVALID"},
    {"garbage", "PLUGIN_OPEN_FAILED"},
    {"missing-dependency", "PLUGIN_OPEN_FAILED"},
    {"unresolved", "PLUGIN_OPEN_FAILED"},
    {"no-manifest", "PLUGIN_NO_MANIFEST"},
    {"wrong-magic", "PLUGIN_MAGIC_MISMATCH"},
    {"wrong-layout", "PLUGIN_LAYOUT_MISMATCH"},
    {"other-abi", "PLUGIN_ABI_MISMATCH"},
    {"older-interface", "PLUGIN_INTERFACE_MISMATCH"},
    {"newer-interface", "PLUGIN_INTERFACE_MISMATCH"},
    {"kind-absent", "PLUGIN_DRIVER_MISSING"},
    {"duplicate", "PLUGIN_DRIVER_DUPLICATE"},
    {"bad-options", "PLUGIN_OPTIONS_INVALID"},
    {"no-create", "PLUGIN_CREATE_NULL"},
};

TEST(PluginInfo, GoodPluginsEndWithZero) {
  const Outcome outcome = run_plugin_info("--driver storage:good " + file_of("good"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("plugin     good"), HasSubstr("driver storage:good"),
                                    HasSubstr("verdict    good")));
}

TEST(PluginInfo, ADriverThatIsExpectedAndAbsentEndsWith78) {
  const Outcome outcome = run_plugin_info("--driver incoming:good " + file_of("good"));
  EXPECT_EQ(outcome.status, 78);
  EXPECT_THAT(outcome.output, HasSubstr("PLUGIN_DRIVER_MISSING"));
}

TEST(PluginInfo, WrongUsageEndsWith64) {
  EXPECT_EQ(run_plugin_info("").status, 64);
  EXPECT_EQ(run_plugin_info("--nonsense").status, 64);
}

TEST(PluginInfo, BadPluginsEndWith78AndTheLoadersMessage) {
  for (const auto& [name, id] : kFaults) {
    const bool shows_in_the_file = std::filesystem::exists(file_of(name)) && name != "kind-absent";
    if (!shows_in_the_file) continue;
    const Outcome outcome = run_plugin_info(file_of(name));
    EXPECT_EQ(outcome.status, 78) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("verdict    " + id)) << name;
  }
}

TEST(Programs, EndWith78AndTheMessageIfADriverCannotBeLoaded) {
  const std::filesystem::path conf =
      std::filesystem::path(::testing::TempDir()) / ("bad-plugins-" + std::to_string(getpid()));
  for (const auto& [name, id] : kFaults) {
    std::ofstream(conf) << "[DEFAULT]\nplugin_path = " << kDirectory.string()
                        << "\n[indexer]\nurl = sqlite:////nonexistent/index\n[storage]\ndriver = "
                        << name << "\n";
    const Outcome outcome = run(std::string(UPGRADE) + " --config-file " + conf.string());
    EXPECT_EQ(outcome.status, 78) << name << ": " << outcome.output;
    EXPECT_THAT(outcome.output,
                HasSubstr(id + "  " + conf.string() + ":6 [storage] driver = " + name))
        << name;
  }
  std::filesystem::remove(conf);
}

}  // namespace
}  // namespace gnocchi::plugin
