// gnocchi-driver-test: runs the conformance cases of a driver's kind on a plugin's file.
#include <gtest/gtest.h>

#include <charconv>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

#include "core/plugin/loader.h"
#include "gnocchi/error.h"
#include "gnocchi/version.h"
#include "tests/driver-kit/target.h"

namespace {

using gnocchi::plugin::Kind;

constexpr int kExitUsage = 64;    // EX_USAGE
constexpr int kExitConfig = 78;   // EX_CONFIG, as a server ends that cannot load the driver
constexpr int kExitSkipped = 77;  // what ctest and automake take as skipped

constexpr char kUsage[] =
    "usage: gnocchi-driver-test --plugin FILE --driver KIND:NAME [--config FILE] [options]\n"
    "\n"
    "Loads a driver as a server would and runs the conformance cases of its kind on it.\n"
    "\n"
    "  --plugin FILE       the plugin\n"
    "  --driver KIND:NAME  the driver in it: storage:ceph, indexer:mysql, ...\n"
    "  --config FILE       a gnocchi.conf with the driver's options; @TEMP@ in it becomes a\n"
    "                      directory that is removed at the end, @ENV:NAME@ a variable of the\n"
    "                      environment (not set: the run is skipped, exit status 77)\n"
    "  --volatile          the driver keeps nothing when it is stopped, and it is meant to\n"
    "  --seed NUMBER       repeat a run's data and orders (ids are always new)\n"
    "  --gtest_...         GoogleTest's options: --gtest_list_tests, --gtest_filter=..., ...\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 passed, 1 failed, 64 wrong usage, 77 skipped, 78 the driver cannot be "
    "loaded.\n";

struct Arguments {
  gnocchi::kit::Target target;
  std::string driver;
  std::string config;
  std::string fault;
};

std::uint64_t random_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

void take_driver(Arguments& arguments) {
  const std::size_t colon = arguments.driver.find(':');
  const std::string kind = arguments.driver.substr(0, colon);
  for (const Kind candidate :
       {Kind::storage, Kind::incoming, Kind::indexer, Kind::authenticator, Kind::coordinator}) {
    if (kind == gnocchi::plugin::to_string(candidate) && colon != std::string::npos) {
      arguments.target.kind = candidate;
      arguments.target.name = arguments.driver.substr(colon + 1);
      return;
    }
  }
  arguments.fault =
      "--driver must be KIND:NAME, KIND being storage, incoming, indexer, "
      "authenticator or coordinator";
}

/// Reads what GoogleTest has left.
Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  arguments.target.seed = random_seed();
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--volatile") {
      arguments.target.keeps = false;
      continue;
    }
    if (i + 1 == argc) {
      arguments.fault = "unknown option or missing value: " + std::string(option);
      return arguments;
    }
    const std::string value = argv[++i];
    if (option == "--plugin") {
      arguments.target.plugin = value;
    } else if (option == "--driver") {
      arguments.driver = value;
    } else if (option == "--config") {
      arguments.config = value;
    } else if (option == "--seed") {
      const auto [end, code] =
          std::from_chars(value.data(), value.data() + value.size(), arguments.target.seed);
      if (code != std::errc{} || end != value.data() + value.size()) {
        arguments.fault = "--seed: not a number: " + value;
      }
    } else {
      arguments.fault = "unknown option " + std::string(option);
    }
  }
  if (arguments.target.plugin.empty() || arguments.driver.empty()) {
    arguments.fault = "--plugin and --driver are needed";
  } else {
    take_driver(arguments);
  }
  return arguments;
}

/// The cases of the driver's kind, unless the caller has chosen cases himself.
void choose_cases(Kind kind) {
  if (::testing::GTEST_FLAG(filter) != "*") return;
  std::string prefix = gnocchi::plugin::to_string(kind);
  prefix.front() = static_cast<char>(prefix.front() - 'a' + 'A');
  ::testing::GTEST_FLAG(filter) = prefix + "*";
}

int run(Arguments& arguments) {
  std::cout << "gnocchi-driver-test " GNOCCHI_VERSION ": " << arguments.driver << " of "
            << arguments.target.plugin.string() << ", seed " << arguments.target.seed << std::endl;
  choose_cases(arguments.target.kind);
  try {
    gnocchi::kit::set_target(std::move(arguments.target), arguments.config);
  } catch (const gnocchi::kit::Skipped& skipped) {
    gnocchi::kit::clear_target();
    std::cout << "SKIPPED, nothing was tested: " << skipped.why << std::endl;
    return kExitSkipped;
  } catch (const gnocchi::Error& error) {
    gnocchi::kit::clear_target();
    std::cerr << error.what() << std::endl;
    return kExitConfig;
  }
  int status = RUN_ALL_TESTS();
  gnocchi::kit::clear_target();
  if (!::testing::GTEST_FLAG(list_tests) &&
      ::testing::UnitTest::GetInstance()->test_to_run_count() == 0) {
    std::cerr << "no case was run, so nothing has passed" << std::endl;
    status = 1;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--help") {
      std::cout << kUsage;
      return 0;
    }
    if (std::string_view(argv[i]) == "--version") {
      std::cout << "gnocchi-driver-test " GNOCCHI_VERSION "\n";
      return 0;
    }
  }
  ::testing::InitGoogleTest(&argc, argv);
  Arguments arguments = read_arguments(argc, argv);
  if (!arguments.fault.empty()) {
    std::cerr << "gnocchi-driver-test: " << arguments.fault << "\n" << kUsage;
    return kExitUsage;
  }
  return run(arguments);
}
