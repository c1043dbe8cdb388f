#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gnocchi/storage.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_log.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/text_options.h"

namespace gnocchi::ceph::test {

using support::expect_error;
using support::TemporaryDirectory;

/// What a driver is lent: the options of the cluster of the environment, and a log.
struct Lent {
  Lent() : context{options, log, "test"} {
    const auto variable = [](const char* name) {
      const char* value = std::getenv(name);
      return std::string(value == nullptr ? "" : value);
    };
    options.texts = {{"ceph_conffile", variable("GNOCCHI_TEST_CEPH_CONF")},
                     {"ceph_pool", "gnocchi"},
                     {"ceph_username", "gnocchi"},
                     {"ceph_keyring", variable("GNOCCHI_TEST_CEPH_KEYRING")},
                     {"ceph_timeout", "30"},
                     {"ceph_operations_in_flight", "128"},
                     {"ceph_split_versions_mib", "64"},
                     {"ceph_sack_high_water", "50000"},
                     {"ceph_lease", "10"},
                     {"coordination_url", "ceph://"}};
  }
  /// With one option changed; empty: not set.
  Lent(const std::string& name, const std::string& value) : Lent() { set(name, value); }
  void set(const std::string& name, const std::string& value) {
    if (value.empty()) {
      options.texts.erase(name);
    } else {
      options.texts[name] = value;
    }
  }

  support::TextOptions options;
  support::MemoryLog log;
  plugin::Context context;
};

/// Cases on the cluster of tests/services/ceph; without one they are skipped.
class ClusterCase : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("GNOCCHI_TEST_CEPH_CONF") == nullptr) {
      GTEST_SKIP() << "GNOCCHI_TEST_CEPH_CONF is not set (tests/services/ceph up DIR)";
    }
  }
};

/// A driver between start() and stop().
template <class D>
class Running {
 public:
  explicit Running(const Lent& lent = Lent()) : Running(std::make_unique<Lent>(), lent) {}
  ~Running() { driver_->stop(); }

  D* operator->() { return driver_.get(); }
  D& operator*() { return *driver_; }
  support::MemoryLog& log() { return lent_->log; }

  std::uint64_t count(const std::string& operation) const {
    for (const OperationCount& each : driver_->operations()) {
      if (each.operation == operation) return each.count;
    }
    ADD_FAILURE() << operation << " is not counted";
    return 0;
  }
  std::uint64_t count_all() const {
    std::uint64_t all = 0;
    for (const OperationCount& each : driver_->operations()) all += each.count;
    return all;
  }

 private:
  Running(std::unique_ptr<Lent> own, const Lent& wanted) : lent_(std::move(own)) {
    lent_->options.texts = wanted.options.texts;
    driver_ = std::make_unique<D>(lent_->context);
    driver_->start();
  }

  std::unique_ptr<Lent> lent_;
  std::unique_ptr<D> driver_;
};

inline MetricId fresh_metric() { return MetricId(Uuid::random()); }

}  // namespace gnocchi::ceph::test
