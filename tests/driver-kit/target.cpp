// The driver under test: its configuration, its options, its instances.
#include "tests/driver-kit/target.h"

#include <stdlib.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "core/config/driver_options.h"
#include "core/config/settings.h"
#include "core/plugin/loader.h"
#include "core/service/choose_drivers.h"

namespace gnocchi::kit {
namespace {

namespace fs = std::filesystem;
using plugin::Kind;

/// What a driver logs belongs to the calls of a case.
class NotingLog final : public plugin::Log {
 public:
  void write(Level level, std::string_view message) override {
    static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
    note(std::string("log ") + kNames[static_cast<int>(level)] + ": " + std::string(message));
  }
  bool enabled(Level) const override { return true; }
};

struct Setup {
  explicit Setup(Target asked) : target(std::move(asked)), loader({}, "gnocchi-driver-test", log) {}

  Target target;
  fs::path temporary;
  std::unique_ptr<config::Settings> settings;
  NotingLog log;
  plugin::Loader loader;
};

std::optional<Setup>& setup() {
  static std::optional<Setup> one;
  return one;
}

fs::path make_temporary_directory() {
  std::string name = (fs::temp_directory_path() / "gnocchi-driver-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Error(Error::Code::internal, "cannot create a directory like " + name);
  }
  return name;
}

/// @TEMP@ becomes a directory of this run, @ENV:NAME@ a variable of the environment.
std::string substituted(const std::string& text, fs::path& temporary) {
  static constexpr std::string_view kVariable = "ENV:";
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = text.find('@', at);
    const std::size_t end = begin == std::string::npos ? begin : text.find('@', begin + 1);
    if (end == std::string::npos) break;
    out.append(text, at, begin - at);
    const std::string word = text.substr(begin + 1, end - begin - 1);
    if (word == "TEMP") {
      if (temporary.empty()) temporary = make_temporary_directory();
      out += temporary.string();
    } else if (word.starts_with(kVariable)) {
      const std::string name = word.substr(kVariable.size());
      const char* value = std::getenv(name.c_str());
      if (value == nullptr) throw Skipped{"the environment does not set " + name};
      out += value;
    } else {
      out += '@';  // somebody else's: a password in a URL, for instance
      at = begin + 1;
      continue;
    }
    at = end + 1;
  }
  return out + text.substr(at);
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw Error(Error::Code::invalid_config, "CONFIG_INVALID  cannot read " + file.string());
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

/// An index that cases of other kinds never open; the option is required of a server.
const config::Assignment kNoIndex{"indexer", "url", "none://"};

/// From the sections, and with the computed values, that a server takes.
std::unique_ptr<const plugin::Options> read_options(const config::Settings& settings,
                                                    const plugin::DriverSpec& driver) {
  config::GivenOptions given;
  if (driver.kind == Kind::coordinator) {
    given = service::choose_driver(settings, Kind::coordinator).given;
  }
  config::Faults faults;
  auto options = config::make_driver_options(
      settings, std::span(driver.options, driver.option_count),
      service::driver_sections(driver.kind, driver.name), given, faults);
  faults.throw_if_any();
  return options;
}

}  // namespace

const Target& target() { return setup()->target; }

std::string test_setting(const std::string& name) {
  const auto value = setup()->settings->set_value("driver_test", name);
  return value ? value->value : std::string();
}

std::unique_ptr<Driver> create_instance() {
  Setup& one = *setup();
  plugin::Request request;
  request.kind = one.target.kind;
  request.name = one.target.name;
  request.asked_by =
      std::string("--driver ") + plugin::to_string(one.target.kind) + ":" + one.target.name;
  request.file = one.target.plugin;
  const auto options = [&](const plugin::DriverSpec& driver) {
    return read_options(*one.settings, driver);
  };
  switch (one.target.kind) {
    case Kind::storage: return one.loader.load_storage(request, options);
    case Kind::incoming: return one.loader.load_incoming(request, options);
    case Kind::indexer: return one.loader.load_indexer(request, options);
    case Kind::authenticator: return one.loader.load_authenticator(request, options);
    case Kind::coordinator: return one.loader.load_coordinator(request, options);
  }
  throw Error(Error::Code::internal, "no such kind of driver");
}

void set_target(Target target, const fs::path& config) {
  Setup& one = setup().emplace(std::move(target));
  const std::string text = config.empty() ? "" : substituted(text_of(config), one.temporary);
  one.settings = config::settings_from_text(text, {kNoIndex}, config.string());
  create_instance();
}

void clear_target() {
  const fs::path temporary = setup() ? setup()->temporary : fs::path();
  setup().reset();
  std::error_code ignored;
  if (!temporary.empty()) fs::remove_all(temporary, ignored);
}

}  // namespace gnocchi::kit
