#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/auth.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/manifest.h"
#include "gnocchi/storage.h"

/// What the cases of gnocchi-driver-test stand on.
///
/// A case runs on a backend that is shared, not empty, and used by other cases meanwhile: it works
/// with fresh random ids only and claims nothing about the rest. No case sleeps.
namespace gnocchi::kit {

/// What the command line asked for.
struct Target {
  std::filesystem::path plugin;
  plugin::Kind kind = plugin::Kind::storage;
  std::string name;        ///< of the driver
  bool keeps = true;       ///< false: --volatile, nothing outlives an instance
  std::uint64_t seed = 0;  ///< of data, sizes and orders; ids are fresh in every run
};
const Target& target();

/// What the configuration's own section [driver_test] says; empty: nothing.
std::string test_setting(const std::string& name);

/// A new instance of the driver under test, through the production loader; not started.
std::unique_ptr<Driver> create_instance();

/// Random numbers from the seed; the same in every case and run with that seed. One per thread of
/// a case.
std::mt19937_64 random_engine(std::uint64_t salt = 0);
/// Unlike any other, today and in earlier runs.
MetricId fresh_metric();
ResourceId fresh_resource();
/// `prefix` and 32 random hex digits.
std::string fresh_name(std::string_view prefix);
/// `size` random bytes, zeros included.
Bytes random_bytes(std::mt19937_64& random, std::size_t size);

/// Notes a call made by the case; the last ones are printed with the seed if it fails. Any thread.
void note(std::string call);
/// Starts a driver; while it says unavailable or timed_out, tries again for up to half a minute,
/// as a server does.
void start(Driver& driver);

/// Runs `work(0) ... work(count - 1)`, each in a thread of its own; an exception that escapes one
/// fails the case.
void in_threads(std::size_t count, const std::function<void(std::size_t)>& work);

/// The base of every case: one started driver, made new for each case.
///
///   class Storage : public kit::Case<StorageDriver> {};
///   TEST_F(Storage, UnknownMetricIsAbsent) { driver().read(...); restart(); ... }
///
/// The fixture's name starts with the kind ("Storage", "Incoming", "Indexer", "Coordinator",
/// "Authenticator"): gnocchi-driver-test picks the cases by it.
class CaseBase : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
};

template <class D>
class Case : public CaseBase {
 protected:
  void SetUp() override {
    CaseBase::SetUp();
    if (IsSkipped()) return;
    driver_ = another();
    prepare(*driver_);
  }

  void TearDown() override {
    if (driver_) driver_->stop();
    driver_.reset();
    CaseBase::TearDown();
  }

  D& driver() { return *driver_; }

  /// Stops and destroys the driver, then makes and starts a new one, as a restarted process would.
  void restart() {
    note("restart");
    driver_->stop();
    driver_.reset();
    driver_ = another();
  }

  /// One more started instance beside driver(); the case stops it.
  std::unique_ptr<D> another() {
    std::unique_ptr<Driver> made = create_instance();
    auto* typed = dynamic_cast<D*>(made.get());
    if (typed == nullptr) throw Error(Error::Code::internal, "driver is not of the kind asked for");
    made.release();
    std::unique_ptr<D> instance(typed);
    start(*instance);
    return instance;
  }

  /// Called with a case's first instance once it is started: a kind's fixture calls upgrade() here.
  virtual void prepare(D&) {}

 private:
  std::unique_ptr<D> driver_;
};

}  // namespace gnocchi::kit
