// What the log says about keys and groups that nobody reads.
#include <gmock/gmock.h>

#include "core/config/names.h"
#include "core/config/settings.h"

namespace gnocchi::config {
namespace {

using Level = plugin::Log::Level;
using testing::ElementsAre;

std::vector<std::string> messages(const std::string& text, Level level) {
  const auto settings = settings_from_text("[indexer]\nurl = sqlite:////x\n" + text);
  std::vector<std::string> found;
  for (const Notice& notice : settings->notices()) {
    if (notice.level == level) found.push_back(notice.message);
  }
  return found;
}

TEST(Notices, MistypedOptionIsAWarningWithTheNearestName) {
  EXPECT_THAT(
      messages("[api]\nmax_limt = 7\n[metricd]\nworker = 2\n", Level::warning),
      ElementsAre("gnocchi.conf:6 [metricd] worker: unknown option; did you mean workers?"));
}

TEST(Notices, UnlikeAnythingIsAWarningWithoutASuggestion) {
  EXPECT_THAT(messages("[metricd]\nxyzzy = 2\n", Level::warning),
              ElementsAre("gnocchi.conf:4 [metricd] xyzzy: unknown option"));
}

TEST(Notices, MistypedGroupIsAWarning) {
  EXPECT_THAT(
      messages("[metrcid]\nworkers = 2\n", Level::warning),
      ElementsAre("gnocchi.conf:4 [metrcid] workers: unknown group; did you mean [metricd]?"));
}

TEST(Notices, GroupsOfOtherProgramsAreOneLine) {
  const std::string text =
      "[oslo_messaging_rabbit]\nrabbit_host = r\nrabbit_userid = u\n[oslo_concurrency]\nlock_path "
      "= x\n";
  EXPECT_THAT(
      messages(text, Level::info),
      ElementsAre("groups of other programs, not read: oslo_concurrency, oslo_messaging_rabbit"));
  EXPECT_THAT(messages(text, Level::warning), testing::IsEmpty());
}

TEST(Notices, OptionsWithoutEffectHereSayWhy) {
  EXPECT_THAT(messages("[api]\nuwsgi_mode = http-socket\n", Level::info),
              ElementsAre("gnocchi.conf:4 [api] uwsgi_mode does nothing: no uWSGI here"));
}

TEST(NearestName, FindsSwapsAndSlips) {
  const std::vector<std::string> names{"ceph_pool", "ceph_username", "driver"};
  EXPECT_EQ(nearest_name("drievr", names), "driver");
  EXPECT_EQ(nearest_name("ceph_user_name", names), "ceph_username");
  EXPECT_EQ(nearest_name("completely_else", names), "");
}

}  // namespace
}  // namespace gnocchi::config
