#include "core/config/paste.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "gnocchi/error.h"

namespace gnocchi::config {
namespace {

std::string of(std::string_view text) { return authenticator_of_paste(text, "api-paste.ini"); }

TEST(Paste, PipelineChoosesTheAuthenticator) {
  EXPECT_EQ(of("[pipeline:main]\npipeline = gnocchi+noauth\n"), "noauth");
  EXPECT_EQ(of("[pipeline:main]\npipeline = gnocchi+auth\n"), "keystone");
  EXPECT_EQ(of("[pipeline:main]\npipeline = gnocchi+keystone\n"), "keystone");
  EXPECT_EQ(of("[pipeline:main]\npipeline = gnocchi+basic\n"), "basic");
  EXPECT_EQ(of("[pipeline:main]\npipeline = gnocchi+remoteuser\n"), "remoteuser");
  EXPECT_EQ(of("[pipeline:main]\npipeline = gnocchi+my-own\n"), "my-own");
}

TEST(Paste, FiltersBeforeThePipelinePass) {
  EXPECT_EQ(of("[pipeline:main]\npipeline = cors http_proxy_to_wsgi gnocchi+auth\n"), "keystone");
}

TEST(Paste, FileOfGnocchi30IsUnderstood) {
  EXPECT_EQ(of("# Use gnocchi+auth in the pipeline if you want to use keystone authentication\n"
               "[pipeline:main]\npipeline = gnocchi+noauth\n\n"
               "[composite:gnocchi+noauth]\nuse = egg:Paste#urlmap\n/ = gnocchiversions\n"
               "/v1 = gnocchiv1+noauth\n\n"
               "[composite:gnocchi+auth]\nuse = egg:Paste#urlmap\n/ = gnocchiversions\n"
               "/v1 = gnocchiv1+auth\n\n"
               "[pipeline:gnocchiv1+auth]\npipeline = keystone_authtoken gnocchiv1\n"),
            "noauth");
}

TEST(Paste, FileOfGnocchi44NamesNone) {
  EXPECT_EQ(of("[composite:gnocchi+basic]\nuse = egg:Paste#urlmap\n/v1 = gnocchiv1+noauth\n"
               "[composite:gnocchi+keystone]\nuse = egg:Paste#urlmap\n/v1 = gnocchiv1+keystone\n"),
            "");
}

class PasteFile : public testing::Test {
 protected:
  PasteFile() {
    std::string pattern = std::filesystem::temp_directory_path() / "paste-test-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~PasteFile() override { std::filesystem::remove_all(directory_); }

  std::string name(const std::string& conf) const {
    std::ofstream(directory_ / "gnocchi.conf") << "[indexer]\nurl = sqlite:////x\n" << conf;
    Faults faults;
    return authenticator_name(
        *read_settings("test", {directory_ / "gnocchi.conf"}, {}, {}, {}, faults));
  }

  std::filesystem::path directory_;
};

TEST_F(PasteFile, BesideTheConfigurationIsRead) {
  std::ofstream(directory_ / "api-paste.ini") << "[pipeline:main]\npipeline = gnocchi+noauth\n";
  EXPECT_EQ(name(""), "noauth");
}

TEST_F(PasteFile, AuthModeWins) {
  std::ofstream(directory_ / "api-paste.ini") << "[pipeline:main]\npipeline = gnocchi+noauth\n";
  EXPECT_EQ(name("[api]\nauth_mode = keystone\n"), "keystone");
}

TEST_F(PasteFile, WithoutPipelineIsBasic) {
  std::ofstream(directory_ / "api-paste.ini") << "[composite:gnocchi+basic]\nuse = egg:x\n";
  EXPECT_EQ(name(""), "basic");
}

TEST_F(PasteFile, NamedButMissingIsAFault) {
  EXPECT_THROW(name("[api]\npaste_config = /nonexistent/paste.ini\n"), Error);
}

}  // namespace
}  // namespace gnocchi::config
