#include "core/tools/plugin_info/report.h"

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

#include "core/plugin/loader.h"

namespace gnocchi::tools {
namespace {

using plugin::DriverSpec;
using plugin::Kind;
using plugin::Manifest;
using plugin::OptionSpec;

constexpr Kind kKinds[] = {Kind::storage, Kind::incoming, Kind::indexer, Kind::authenticator,
                           Kind::coordinator};

std::string_view text_of(const char* text) { return text != nullptr ? text : "(none)"; }

std::string range_of(const OptionSpec& option) {
  if (option.min == 0 && option.max == 0) return {};
  std::ostringstream text;
  text << ", " << option.min << " to " << option.max;
  if (option.type == plugin::OptionType::duration) text << " s";
  return text.str();
}

void print_option(const OptionSpec& option, std::ostream& out) {
  out << "      " << text_of(option.name) << " (" << plugin::to_string(option.type)
      << range_of(option);
  if (option.required) out << ", required";
  if (option.secret) out << ", secret";
  if (option.default_text != nullptr) {
    out << ", default: " << (option.secret ? "***" : option.default_text);
  }
  if (option.was != nullptr) out << ", formerly " << option.was;
  out << ")\n        " << text_of(option.help) << '\n';
}

void print_driver(const DriverSpec& driver, std::ostream& out) {
  out << "  driver " << plugin::to_string(driver.kind) << ':' << text_of(driver.name)
      << "\n    interface  " << driver.interface_version << "\n    summary    "
      << text_of(driver.summary) << '\n';
  if (driver.option_count == 0 || driver.options == nullptr) return;
  out << "    options\n";
  for (std::size_t i = 0; i != driver.option_count; ++i) print_option(driver.options[i], out);
}

void print_manifest(const Manifest& manifest, std::ostream& out) {
  out << "  plugin     " << text_of(manifest.plugin) << "\n  version    "
      << text_of(manifest.version) << "\n  built for  gnocchi " << text_of(manifest.built_for)
      << "\n  ABI tag    " << text_of(manifest.abi_tag) << '\n';
  for (std::size_t i = 0; manifest.drivers != nullptr && i != manifest.driver_count; ++i) {
    print_driver(manifest.drivers[i], out);
  }
}

/// Runs one judgement; prints its message if it is bad.
template <class Step>
bool passes(const Step& step, std::ostream& out) {
  try {
    step();
    return true;
  } catch (const Error& fault) {
    out << "  verdict    " << fault.what() << '\n';
    return false;
  }
}

plugin::Request request_for(const std::filesystem::path& file, Kind kind, std::string name) {
  plugin::Request request;
  request.kind = kind;
  request.name = std::move(name);
  request.file = file;
  return request;
}

bool judge_drivers(const Manifest& manifest, const std::filesystem::path& file, std::ostream& out) {
  bool good = true;
  std::set<std::pair<Kind, std::string>> judged;
  for (std::size_t i = 0; manifest.drivers != nullptr && i != manifest.driver_count; ++i) {
    const DriverSpec& driver = manifest.drivers[i];
    const std::string name = driver.name != nullptr ? driver.name : "";
    if (!judged.emplace(driver.kind, name).second) continue;
    const plugin::Request request = request_for(file, driver.kind, name);
    good &= passes(
        [&] {
          plugin::check_name(request);
          plugin::judge_driver(manifest, file, request);
        },
        out);
  }
  if (judged.empty()) {
    out << "  verdict    PLUGIN_DRIVER_MISSING\n  " << file.string() << " serves no driver.\n";
    good = false;
  }
  return good;
}

bool judge_expected(const Manifest& manifest, const std::filesystem::path& file,
                    const ExpectedDriver& expected, std::ostream& out) {
  const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](Kind candidate) {
    return expected.kind == plugin::to_string(candidate);
  });
  if (kind == std::end(kKinds)) {
    out << "  verdict    there is no kind of driver called " << expected.kind << '\n';
    return false;
  }
  const plugin::Request request = request_for(file, *kind, expected.name);
  return passes([&] { plugin::judge_driver(manifest, file, request); }, out);
}

}  // namespace

bool report_plugin(const std::filesystem::path& file, const std::vector<ExpectedDriver>& expected,
                   std::ostream& out) {
  out << file.string() << '\n';
  const Manifest* manifest = nullptr;
  const bool readable = passes(
      [&] {
        const Manifest& opened = plugin::open_manifest(file, "");
        plugin::judge_manifest(opened, file, "");
        manifest = &opened;
      },
      out);
  if (!readable) return false;
  print_manifest(*manifest, out);
  bool good = judge_drivers(*manifest, file, out);
  for (const ExpectedDriver& driver : expected) {
    good &= judge_expected(*manifest, file, driver, out);
  }
  if (good) out << "  verdict    good\n";
  return good;
}

}  // namespace gnocchi::tools
