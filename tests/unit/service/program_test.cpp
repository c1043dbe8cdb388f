#include "core/service/program.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>

#include "gnocchi/error.h"
#include "gnocchi/version.h"

namespace gnocchi::service {
namespace {

using plugin::OptionType;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class ProgramTest : public testing::Test {
 protected:
  ProgramTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "program-test-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    conf("");
    spec_.name = "gnocchi-test";
    spec_.summary = "Tests.";
    spec_.options = {{{"port", OptionType::integer, nullptr, "port"}, "api.port"}};
  }
  ~ProgramTest() override { std::filesystem::remove_all(directory_); }

  void conf(const std::string& text) const {
    std::ofstream(directory_ / "gnocchi.conf") << "[indexer]\nurl = sqlite:////x\n" << text;
  }

  /// Runs with the test's own configuration file.
  int run_with(std::vector<std::string> words, const std::function<int(Program&)>& body) {
    words.insert(words.begin(), {"program", "--config-file", directory_ / "gnocchi.conf"});
    return run_plain(words, body);
  }
  int run_plain(const std::vector<std::string>& words, const std::function<int(Program&)>& body) {
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    const int status = run(spec_, static_cast<int>(argv.size()), argv.data(), body);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return status;
  }
  /// For death tests: runs as a process of its own would.
  [[noreturn]] void exit_with(const std::function<int(Program&)>& body) {
    const std::string file = directory_ / "gnocchi.conf";
    const char* argv[] = {"p", "--config-file", file.c_str()};
    std::_Exit(run(spec_, 3, argv, body));
  }
  static int unreachable(Program&) {
    ADD_FAILURE() << "the body ran";
    return 0;
  }
  std::string text_of(const std::string& name) const {
    std::ifstream in(directory_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path directory_;
  ProgramSpec spec_;
  std::string out_, err_;
};

TEST_F(ProgramTest, BodyRunsWithTheConfigurationAndGivesTheStatus) {
  conf("[api]\nport = 9\nhost = h\n");
  EXPECT_EQ(run_with({"--port", "7"},
                     [](Program& program) {
                       EXPECT_EQ(program.config().integer("api", "port"), 7);
                       EXPECT_EQ(program.config().text("api", "host"), "h");
                       return 5;
                     }),
            5);
}

TEST_F(ProgramTest, HelpAndVersionNeedNoConfiguration) {
  EXPECT_EQ(run_plain({"p", "--help", "--config-file", "/nonexistent"}, unreachable), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("usage: gnocchi-test"), HasSubstr("--config-dir DIR"),
                          HasSubstr("--port")));
  EXPECT_EQ(run_plain({"p", "--version"}, unreachable), 0);
  EXPECT_EQ(out_, "gnocchi-test " GNOCCHI_VERSION "\n");
}

TEST_F(ProgramTest, UnknownOptionIsStatus2) {
  EXPECT_EQ(run_plain({"p", "--prot", "1"}, unreachable), 2);
  EXPECT_THAT(err_, HasSubstr("gnocchi-test: unknown option --prot; did you mean --port?"));
}

TEST_F(ProgramTest, FaultsOfTheConfigurationAreStatus78AndToldTogether) {
  conf("[api]\nport = x\nmax_limit = y\n");
  EXPECT_EQ(run_with({}, unreachable), 78);
  EXPECT_THAT(err_, AllOf(HasSubstr("[api] port = "), HasSubstr("[api] max_limit = ")));
}

TEST_F(ProgramTest, FaultsOfDriversAreToldBesideThoseOfCore) {
  conf("[api]\nport = x\n[storage]\ndriver = nothing\n[DEFAULT]\nplugin_path = /nonexistent\n");
  spec_.drivers.storage = true;
  EXPECT_EQ(run_with({}, unreachable), 78);
  EXPECT_THAT(err_, AllOf(HasSubstr("[api] port = "), HasSubstr("PLUGIN_NOT_FOUND")));
}

TEST_F(ProgramTest, FaultsGoToLogFileAndTerminal) {
  conf("[api]\nport = x\n");
  EXPECT_EQ(run_with({"--log-file", directory_ / "log"}, unreachable), 78);
  EXPECT_THAT(err_, HasSubstr("[api] port = "));
  EXPECT_THAT(text_of("log"), HasSubstr("[api] port = "));
}

TEST_F(ProgramTest, MissingConfigurationFileIsStatus78) {
  EXPECT_EQ(run_plain({"p", "--config-file", "/nonexistent.conf"}, unreachable), 78);
  EXPECT_THAT(err_, HasSubstr("/nonexistent.conf: cannot be read"));
}

TEST_F(ProgramTest, ConfDirectoryIsReadAfterTheFile) {
  std::filesystem::create_directory(directory_ / "d");
  std::ofstream(directory_ / "d" / "1.conf") << "[api]\nport = 11\n";
  conf("[api]\nport = 10\n");
  EXPECT_EQ(run_with({"--config-dir", directory_ / "d"},
                     [](Program& program) {
                       return static_cast<int>(program.config().integer("api", "port"));
                     }),
            11);
}

TEST_F(ProgramTest, WhatTheBodyThrowsDecidesTheStatus) {
  EXPECT_EQ(run_with({}, [](Program&) -> int { throw Error(Error::Code::invalid_config, "a"); }),
            78);
  EXPECT_EQ(run_with({}, [](Program&) -> int { throw Error(Error::Code::unavailable, "b"); }), 1);
  EXPECT_THAT(err_, HasSubstr("reason=\"b\""));
  EXPECT_EQ(run_with({}, [](Program&) -> int { throw std::runtime_error("c"); }), 1);
}

TEST_F(ProgramTest, SigtermStops) {
  EXPECT_EQ(run_with({},
                     [](Program& program) {
                       ::kill(::getpid(), SIGTERM);
                       program.wait_for_stop();
                       return program.stopping().stop_requested() ? 0 : 9;
                     }),
            0);
  EXPECT_THAT(err_, HasSubstr("event=stops"));
}

TEST_F(ProgramTest, SighupReopensTheLogAndReadsItsLevelAgain) {
  std::mutex mutex;
  std::condition_variable changed;
  bool reloaded = false;
  const auto body = [&](Program& program) {
    program.log().debug("unseen");
    program.on_reload([&](const config::Settings& fresh) {
      EXPECT_EQ(fresh.integer("api", "port"), 12);
      const std::scoped_lock guard(mutex);
      reloaded = true;
      changed.notify_one();
    });
    std::filesystem::rename(directory_ / "log", directory_ / "log.1");
    conf("[DEFAULT]\ndebug = true\n[api]\nport = 12\n");
    ::kill(::getpid(), SIGHUP);
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return reloaded; });
    program.log().debug("seen");
    return 0;
  };
  EXPECT_EQ(run_with({"--log-file", directory_ / "log"}, body), 0);
  EXPECT_THAT(text_of("log.1"), AllOf(HasSubstr("event=starts"), Not(HasSubstr("unseen"))));
  EXPECT_THAT(text_of("log"), HasSubstr("DEBUG gnocchi-test"));
}

TEST_F(ProgramTest, ABodyMayStartAnewWithFreshSettings) {
  conf("[api]\nport = 11\n");
  const auto body = [&](Program& program) {
    conf("[api]\nport = 12\n");
    ::kill(::getpid(), SIGHUP);
    const auto fresh = program.wait_for_reload();
    EXPECT_TRUE(fresh != nullptr && fresh->integer("api", "port") == 12);
    EXPECT_EQ(program.config().integer("api", "port"), 11);
    ::kill(::getpid(), SIGTERM);
    EXPECT_FALSE(program.wait_for_reload());
    return 0;
  };
  EXPECT_EQ(run_with({}, body), 0);
}

TEST_F(ProgramTest, FaultyConfigurationAtSighupChangesNothing) {
  const auto body = [&](Program& program) {
    program.on_reload([](const config::Settings&) { ADD_FAILURE() << "taken over"; });
    conf("[api]\nport = x\n");
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGTERM);  // received after it, by the same thread
    program.wait_for_stop();
    return 0;
  };
  EXPECT_EQ(run_with({}, body), 0);
  EXPECT_THAT(err_, HasSubstr("event=reload_failed"));
}

TEST_F(ProgramTest, FailureElsewhereEndsTheBodyAndDecidesTheStatus) {
  EXPECT_EQ(run_with({},
                     [](Program& program) {
                       program.fail(std::make_exception_ptr(
                           Error(Error::Code::invalid_config, "no such pool")));
                       program.wait_for_stop();
                       return 0;
                     }),
            78);
}

TEST_F(ProgramTest, WorkThatDoesNotEndInTimeIsGivenUp) {
  conf("[DEFAULT]\ngraceful_shutdown_timeout = 50ms\n");
  const auto deaf = [](Program&) -> int {
    ::kill(::getpid(), SIGTERM);
    while (true) ::pause();
  };
  EXPECT_EXIT(exit_with(deaf), testing::ExitedWithCode(1), "event=gives_up");
}

TEST_F(ProgramTest, SecondSigtermEndsAtOnce) {
  const auto slow = [](Program& program) -> int {
    ::kill(::getpid(), SIGTERM);
    program.wait_for_stop();
    ::kill(::getpid(), SIGINT);
    while (true) ::pause();
  };
  EXPECT_EXIT(exit_with(slow), testing::ExitedWithCode(1), "event=gives_up");
}

TEST_F(ProgramTest, ProgramWithoutConfigurationReadsNone) {
  spec_.reads_config = false;
  spec_.operands = "FILE...";
  EXPECT_EQ(run_plain({"p", "a"},
                      [](Program& program) {
                        EXPECT_EQ(program.arguments().operands().size(), 1U);
                        EXPECT_TRUE(program.config().has("DEFAULT", "plugin_path"));
                        return 0;
                      }),
            0);
  EXPECT_EQ(run_plain({"p", "--config-file", "x"}, unreachable), 2);
}

}  // namespace
}  // namespace gnocchi::service
