#include "core/service/open_drivers.h"

#include <gmock/gmock.h>

#include <future>

#include "core/service/starting_drivers.h"
#include "gnocchi/error.h"
#include "tests/support/memory_log.h"

namespace gnocchi::service {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr BackOff kQuick{1ms, 4ms};

class OpenDriversTest : public testing::Test {
 protected:
  std::unique_ptr<config::Settings> settings(const std::string& storage) {
    return config::settings_from_text("[DEFAULT]\nplugin_path = " TEST_PLUGIN_DIR
                                      "\n[indexer]\nurl = sqlite:////x\n[storage]\n" +
                                      storage);
  }
  std::unique_ptr<OpenDrivers> open(const std::string& storage) {
    return std::make_unique<OpenDrivers>(*settings("driver = flaky\n" + storage),
                                         DriverNeeds{.storage = true}, "test", log_, faults_);
  }

  support::MemoryLog log_;
  config::Faults faults_;
};

TEST_F(OpenDriversTest, DriverIsTriedAgainUntilItStarts) {
  const auto drivers = open("flaky_failures = 3\n");
  std::vector<std::string> waits;
  EXPECT_TRUE(drivers->start(
      {}, [&](const std::string& why) { waits.push_back(why); }, kQuick));
  EXPECT_EQ(waits, std::vector<std::string>(3, "storage flaky: connect flaky: refused"));
  EXPECT_NE(drivers->drivers().storage, nullptr);
  EXPECT_THAT(
      log_.find("driver_waits"),
      ElementsAre(HasSubstr("retry_ms=1 "), HasSubstr("retry_ms=2 "), HasSubstr("retry_ms=4 ")));
}

TEST_F(OpenDriversTest, FailedStartsAreCounted) {
  const auto drivers = open("flaky_failures = 3\n");
  EXPECT_TRUE(drivers->start({}, {}, kQuick));
  stats::Text text;
  drivers->describe(text);
  EXPECT_THAT(text.text(), HasSubstr("gnocchi_driver_errors_total{kind=\"storage\","
                                     "driver=\"flaky\",error=\"unavailable\"} 3\n"));
}

TEST_F(OpenDriversTest, WhatADriverCountsAtItsBackendIsTold) {
  const auto drivers = open("");
  EXPECT_TRUE(drivers->start({}, {}, kQuick));
  EXPECT_EQ(drivers->drivers().storage->read({}).size(), 0U);
  stats::Text text;
  drivers->describe(text);
  const std::string name = "gnocchi_driver_operations_total{kind=\"storage\",driver=\"flaky\",";
  EXPECT_THAT(text.text(), AllOf(HasSubstr(name + "operation=\"read\"} 3\n"),
                                 HasSubstr(name + "operation=\"nap\"} 0\n")));
}

TEST_F(OpenDriversTest, WaitGrowsNoLongerThanTheLongest) {
  const auto drivers = open("flaky_failures = 5\n");
  EXPECT_TRUE(drivers->start({}, {}, kQuick));
  EXPECT_EQ(log_.find("retry_ms=4 ").size(), 3U);
}

TEST_F(OpenDriversTest, WhatCannotBeMendedEndsTheStart) {
  const auto drivers = open("flaky_hopeless = true\n");
  try {
    (void)drivers->start({}, {}, kQuick);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid_config);
  }
}

TEST_F(OpenDriversTest, WhatCannotBeMendedEndsTheWaitingOfOthers) {
  const std::string flaky = "driver = flaky\nflaky_failures = -1\n";
  const std::string hopeless = "flaky_hopeless = true\n[api]\nauth_mode = flaky\n";
  const auto both = settings(flaky + hopeless + "flaky_failures = -1\n");
  OpenDrivers storage_hopeless(*both, DriverNeeds{.storage = true, .authenticator = true}, "test",
                               log_, faults_);
  EXPECT_THROW((void)storage_hopeless.start({}, {}, BackOff{1h, 1h}), Error);
  const auto other = settings(flaky + "[api]\nauth_mode = flaky\nflaky_hopeless = true\n");
  OpenDrivers other_hopeless(*other, DriverNeeds{.storage = true, .authenticator = true}, "test",
                             log_, faults_);
  EXPECT_THROW((void)other_hopeless.start({}, {}, BackOff{1h, 1h}), Error);
  EXPECT_TRUE(faults_.empty());
}

TEST_F(OpenDriversTest, StopEndsTheWaiting) {
  const auto drivers = open("flaky_failures = -1\n");
  std::stop_source stop;
  const auto ask_to_stop = [&](const std::string&) { stop.request_stop(); };
  EXPECT_FALSE(drivers->start(stop.get_token(), ask_to_stop, BackOff{1h, 1h}));
}

TEST_F(OpenDriversTest, StartedDriversAreStoppedOnce) {
  auto drivers = open("");
  EXPECT_TRUE(drivers->start({}, {}, kQuick));
  drivers->stop();
  drivers.reset();
  EXPECT_EQ(log_.find("flaky stopped").size(), 1U);
}

TEST_F(OpenDriversTest, DriverThatNeverStartedIsNotStopped) {
  open("").reset();
  EXPECT_TRUE(log_.find("flaky stopped").empty());
}

TEST_F(OpenDriversTest, AllFaultsOfAllDriversAreToldAndNothingIsCreated) {
  const auto drivers = std::make_unique<OpenDrivers>(
      *settings("driver = flaky\nflaky_failures = many\n[api]\nauth_mode = nobody\n"),
      DriverNeeds{.storage = true, .authenticator = true}, "test", log_, faults_);
  EXPECT_THAT(
      faults_.messages(),
      ElementsAre(HasSubstr("[storage] flaky_failures = \"many\": not a whole number"),
                  AllOf(HasSubstr("PLUGIN_NOT_FOUND"), HasSubstr("[api] auth_mode = nobody"))));
  EXPECT_EQ(drivers->drivers().storage, nullptr);
}

TEST_F(OpenDriversTest, MistypedKeyOfTheDriverIsNoticed) {
  const auto drivers = open("flaky_failurs = 1\n");
  ASSERT_EQ(drivers->notices().size(), 1U);
  EXPECT_THAT(drivers->notices()[0].message, HasSubstr("did you mean flaky_failures?"));
}

TEST_F(OpenDriversTest, BackgroundStartTellsWhenItIsReady) {
  const auto drivers = open("flaky_failures = 2\n");
  std::promise<void> started;
  StartingDrivers starting(
      *drivers, [&] { started.set_value(); }, [](std::exception_ptr) { FAIL(); }, kQuick);
  started.get_future().wait();
  while (!starting.ready()) std::this_thread::yield();
  EXPECT_EQ(starting.waiting_for(), "storage flaky: connect flaky: refused");
}

TEST_F(OpenDriversTest, BackgroundStartPassesOnWhatCannotBeMended) {
  const auto drivers = open("flaky_hopeless = true\n");
  std::promise<std::exception_ptr> failed;
  StartingDrivers starting(
      *drivers, {}, [&](std::exception_ptr why) { failed.set_value(why); }, kQuick);
  EXPECT_THROW(std::rethrow_exception(failed.get_future().get()), Error);
  EXPECT_FALSE(starting.ready());
}

TEST_F(OpenDriversTest, BackgroundStartEndsWithItsOwner) {
  const auto drivers = open("flaky_failures = -1\n");
  {
    StartingDrivers starting(
        *drivers, {}, [](std::exception_ptr) { FAIL(); }, BackOff{1h, 1h});
  }
  EXPECT_EQ(drivers->drivers().storage != nullptr, true);
}

}  // namespace
}  // namespace gnocchi::service
