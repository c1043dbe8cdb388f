#include "core/log/log.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

#include "core/config/settings.h"
#include "gnocchi/error.h"

namespace gnocchi::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

class LogFile : public testing::Test {
 protected:
  LogFile() {
    std::string pattern = std::filesystem::temp_directory_path() / "log-test-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    options_.program = "gnocchi-test";
    options_.file = directory_ / "test.log";
  }
  ~LogFile() override { std::filesystem::remove_all(directory_); }

  static std::vector<std::string> lines(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  std::vector<std::string> lines() const { return lines(options_.file); }

  std::filesystem::path directory_;
  Options options_;
};

TEST_F(LogFile, LineHasTimeLevelProgramAndPid) {
  Logging logging(options_);
  logging.log().info("event=started count=3");
  EXPECT_THAT(lines(), ElementsAre(MatchesRegex(
                           "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z INFO "
                           "gnocchi-test\\[[0-9]+\\] event=started count=3")));
}

TEST_F(LogFile, LevelsBelowTheSetOneAreLeftOut) {
  options_.level = Level::warning;
  Logging logging(options_);
  logging.log().debug("a");
  logging.log().info("b");
  logging.log().warning("c");
  logging.log().error("d");
  EXPECT_FALSE(logging.log().enabled(Level::info));
  EXPECT_THAT(lines(), ElementsAre(HasSubstr(" WARNING "), HasSubstr(" ERROR ")));
}

TEST_F(LogFile, LevelCanBeChangedWhileItRuns) {
  Logging logging(options_);
  logging.log().debug("unseen");
  logging.set_level(Level::debug);
  logging.log().debug("seen");
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("seen")));
}

TEST_F(LogFile, RequestIdIsOnTheLinesOfItsScopeAlone) {
  Logging logging(options_);
  {
    const RequestScope outer("req-1");
    logging.log().info("a");
    {
      const RequestScope inner("req-2");
      logging.log().info("b");
    }
    logging.log().info("c");
    std::thread([&] { logging.log().info("other thread"); }).join();
  }
  logging.log().info("d");
  EXPECT_THAT(lines(),
              ElementsAre(HasSubstr("] [req-1] a"), HasSubstr("] [req-2] b"),
                          HasSubstr("] [req-1] c"), HasSubstr("] other thread"), HasSubstr("] d")));
}

TEST_F(LogFile, NobodysTextCanForgeALine) {
  Logging logging(options_);
  logging.log().info("name=x\n2026-01-01 ERROR forged\r\x1b[31m");
  EXPECT_THAT(lines(),
              ElementsAre(HasSubstr("name=x\\n2026-01-01 ERROR forged\\u000d\\u001b[31m")));
}

TEST_F(LogFile, JsonLineIsOneObject) {
  options_.format = Format::json;
  Logging logging(options_);
  const RequestScope scope("req-\"1\"");
  logging.log().error("say \"hi\"\\\n");
  EXPECT_THAT(lines(), ElementsAre(MatchesRegex(
                           "\\{\"timestamp\":\"[^\"]+Z\",\"level\":\"ERROR\",\"program\":"
                           "\"gnocchi-test\",\"pid\":[0-9]+,\"request_id\":\"req-\\\\\"1\\\\\"\","
                           "\"message\":\"say \\\\\"hi\\\\\"\\\\\\\\\\\\n\"\\}")));
}

TEST_F(LogFile, ReopenFollowsARotation) {
  Logging logging(options_);
  logging.log().info("before");
  const auto rotated = directory_ / "test.log.1";
  std::filesystem::rename(options_.file, rotated);
  logging.log().info("still there");
  logging.reopen();
  logging.log().info("after");
  EXPECT_THAT(lines(rotated), ElementsAre(HasSubstr("before"), HasSubstr("still there")));
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("after")));
}

TEST_F(LogFile, FailedReopenKeepsTheOldFile) {
  std::filesystem::create_directory(directory_ / "sub");
  options_.file = directory_ / "sub" / "test.log";
  Logging logging(options_);
  std::filesystem::rename(directory_ / "sub", directory_ / "moved");
  EXPECT_THROW(logging.reopen(), Error);
  logging.log().info("kept");
  EXPECT_THAT(lines(directory_ / "moved" / "test.log"), ElementsAre(HasSubstr("kept")));
}

TEST_F(LogFile, FileThatCannotBeOpenedIsAFaultOfTheConfiguration) {
  options_.file = directory_ / "missing" / "test.log";
  try {
    Logging logging(options_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid_config);
    EXPECT_THAT(error.what(), HasSubstr("missing/test.log: No such file or directory"));
  }
}

TEST_F(LogFile, LinesOfManyThreadsDoNotMix) {
  constexpr int kThreads = 8;
  constexpr int kLines = 200;
  {
    Logging logging(options_);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&logging, i] {
        const RequestScope scope("req-" + std::to_string(i));
        for (int n = 0; n < kLines; ++n) {
          logging.log().info(std::string(300, static_cast<char>('a' + i)));
        }
      });
    }
    logging.reopen();
    for (std::thread& thread : threads) thread.join();
  }
  const auto all = lines();
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kLines));
  for (const std::string& line : all) {
    const int i = line[line.find("[req-") + 5] - '0';
    EXPECT_TRUE(line.ends_with("] " + std::string(300, static_cast<char>('a' + i)))) << line;
  }
}

Options options_of(const std::string& text) {
  return options_from(
      *config::settings_from_text("[indexer]\nurl = sqlite:////x\n[DEFAULT]\n" + text),
      "gnocchi-api");
}

TEST(LogOptions, DefaultIsInfoToStandardError) {
  const Options options = options_of("");
  EXPECT_EQ(options.level, Level::info);
  EXPECT_TRUE(options.file.empty());
  EXPECT_EQ(options.format, Format::text);
  EXPECT_FALSE(options.syslog || options.journal);
}

TEST(LogOptions, DebugWinsOverVerbose) {
  EXPECT_EQ(options_of("verbose = false").level, Level::warning);
  EXPECT_EQ(options_of("verbose = false\ndebug = true").level, Level::debug);
}

TEST(LogOptions, FileIsRelativeToTheDirectoryOrNamedAfterTheProgram) {
  EXPECT_EQ(options_of("log_file = /a/b.log").file, "/a/b.log");
  EXPECT_EQ(options_of("log_dir = /var/log/gnocchi").file, "/var/log/gnocchi/gnocchi-api.log");
  EXPECT_EQ(options_of("log_dir = /var/log/gnocchi\nlog_file = x.log").file,
            "/var/log/gnocchi/x.log");
  EXPECT_EQ(options_of("log_dir = /var/log/gnocchi\nlog_file = /y/x.log").file, "/y/x.log");
}

TEST(LogOptions, SyslogAndJournalAreAskedFor) {
  const Options options = options_of(
      "use_syslog = yes\nsyslog_log_facility = local3\nuse_journal = 1\nlog_format = json");
  EXPECT_TRUE(options.syslog && options.journal);
  EXPECT_EQ(options.syslog_facility, "local3");
  EXPECT_EQ(options.format, Format::json);
}

TEST_F(LogFile, SyslogAndJournalThatAreAwayCostNothing) {
  options_.syslog = options_.journal = true;
  options_.syslog_facility = "local3";
  Logging logging(options_);
  logging.log().info("a");
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("] a")));
}

}  // namespace
}  // namespace gnocchi::log
