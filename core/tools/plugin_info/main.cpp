// gnocchi-plugin-info: what a plugin says of itself, and whether this gnocchi would load it.
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "core/tools/plugin_info/report.h"
#include "gnocchi/version.h"

namespace {

constexpr int kExitGood = 0;
constexpr int kExitUsage = 64;   // EX_USAGE
constexpr int kExitConfig = 78;  // EX_CONFIG, as servers end that cannot load a plugin

constexpr char kUsage[] =
    "usage: gnocchi-plugin-info [--driver KIND:NAME]... FILE...\n"
    "\n"
    "Prints the drivers and options of plugins and whether this gnocchi would load them.\n"
    "\n"
    "  --driver KIND:NAME  fail unless every file serves this driver\n"
    "  --help              this text\n"
    "  --version           the version of gnocchi\n"
    "\n"
    "Exit status: 0 all files are good, 78 one is not, 64 wrong usage.\n";

struct Arguments {
  std::vector<gnocchi::tools::ExpectedDriver> drivers;
  std::vector<std::string> files;
};

int wrong_usage(const std::string& what) {
  std::cerr << "gnocchi-plugin-info: " << what << "\n" << kUsage;
  return kExitUsage;
}

int run(int argc, char** argv) {
  Arguments arguments;
  bool options_over = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (options_over || !argument.starts_with("-")) {
      arguments.files.emplace_back(argument);
    } else if (argument == "--") {
      options_over = true;
    } else if (argument == "--help" || argument == "-h") {
      std::cout << kUsage;
      return kExitGood;
    } else if (argument == "--version") {
      std::cout << "gnocchi-plugin-info " GNOCCHI_VERSION "\n";
      return kExitGood;
    } else if (argument == "--driver" && i + 1 < argc) {
      const std::string driver = argv[++i];
      const std::size_t colon = driver.find(':');
      if (colon == std::string::npos) return wrong_usage("--driver " + driver + ": no KIND:NAME");
      arguments.drivers.push_back({driver.substr(0, colon), driver.substr(colon + 1)});
    } else {
      return wrong_usage("unknown option " + std::string(argument));
    }
  }
  if (arguments.files.empty()) return wrong_usage("which file?");

  bool good = true;
  for (const std::string& file : arguments.files) {
    good &= gnocchi::tools::report_plugin(file, arguments.drivers, std::cout);
  }
  return good ? kExitGood : kExitConfig;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::cerr << "gnocchi-plugin-info: " << failure.what() << '\n';
    return 70;  // EX_SOFTWARE
  }
}
