#include "core/config/sample.h"

#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "core/config/core_options.h"
#include "core/config/settings.h"

namespace gnocchi::config {
namespace {

using plugin::OptionSpec;
using plugin::OptionType;
using testing::HasSubstr;

constexpr OptionSpec kFile[] = {
    {"file_basepath", OptionType::path, "/var/lib/gnocchi", "Directory of all data files.", true}};
constexpr OptionSpec kKeystone[] = {{"auth_url", OptionType::url, nullptr, "Where Keystone is."}};

std::string sample() {
  const SampleDriver drivers[] = {{"storage", "storage:file", kFile},
                                  {"incoming", "incoming:file", kFile},
                                  {"keystone_authtoken", "authenticator:keystone", kKeystone}};
  return sample_conf(drivers);
}

/// The sample with each option's line made effective where it has a value.
std::string uncommented() {
  return std::regex_replace(sample(), std::regex("\n#([a-z0-9_]+ = [^<\n])"), "\n$1");
}

TEST(Sample, HoldsEveryOptionOfCoreAndDrivers) {
  const std::string text = sample();
  for (const CoreOption& option : core_options()) {
    EXPECT_THAT(text, HasSubstr(std::string("\n#") + option.spec.name + " ="));
  }
  EXPECT_THAT(text, HasSubstr("# From the driver storage:file\n"));
  EXPECT_THAT(text, HasSubstr("#file_basepath = /var/lib/gnocchi\n"));
  EXPECT_THAT(text, HasSubstr("#file_basepath = ${storage.file_basepath}\n"));
  EXPECT_THAT(text, HasSubstr("[keystone_authtoken]\n"));
}

TEST(Sample, WhatCoreHandsOnIsNotADriversOption) {
  constexpr OptionSpec kLocks[] = {
      {"coordination_url", OptionType::url, nullptr, "Where locks are.", true}};
  const SampleDriver drivers[] = {{"coordination", "coordinator:file", kLocks}};
  EXPECT_THAT(sample_conf(drivers), testing::Not(HasSubstr("[coordination]")));
}

TEST(Sample, SaysNothingAsItStands) {
  Faults faults;
  EXPECT_THAT(read_ini(sample(), "sample", faults), testing::IsEmpty());
  EXPECT_TRUE(faults.empty());
}

TEST(Sample, ItsDefaultsAreAcceptedWhenUncommented) {
  const auto settings = settings_from_text(uncommented() + "\n[indexer]\nurl = sqlite:////x.db\n");
  EXPECT_TRUE(settings->is_set("api", "port"));
  EXPECT_TRUE(settings->is_set("incoming", "driver"));
  EXPECT_EQ(settings->text("incoming", "driver"), "file");
}

TEST(Sample, NoCommentLineIsLong) {
  std::istringstream lines(sample());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# ")) continue;
    EXPECT_LE(line.size(), 79U) << line;
  }
}

}  // namespace
}  // namespace gnocchi::config
