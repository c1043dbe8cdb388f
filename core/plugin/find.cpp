// From a driver's name to its file.
#include <algorithm>
#include <system_error>

#include "core/plugin/loader.h"
#include "core/plugin/messages.h"

namespace gnocchi::plugin {
namespace {

namespace fs = std::filesystem;

bool is_driver_name(std::string_view name) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto allowed = [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && lower(name.front()) && std::all_of(name.begin(), name.end(), allowed);
}

std::string joined(const std::vector<fs::path>& directories) {
  std::string text;
  for (const fs::path& directory : directories) {
    if (!text.empty()) text += ", ";
    text += directory.string();
  }
  return text.empty() ? "no directory (plugin_path is empty)" : text;
}

/// Driver names by the files' names alone: nothing is opened to make a suggestion.
std::vector<std::string> installed_names(Kind kind, const std::vector<fs::path>& plugin_path) {
  const std::string suffix = ".so";
  const std::string full = file_name(kind, "");
  const std::string prefix = full.substr(0, full.size() - suffix.size());
  std::vector<std::string> names;
  for (const fs::path& directory : plugin_path) {
    std::error_code failed;
    for (fs::directory_iterator entry(directory, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      const std::string file = entry->path().filename().string();
      if (file.size() <= full.size() || !file.starts_with(prefix) || !file.ends_with(suffix)) {
        continue;
      }
      names.push_back(file.substr(prefix.size(), file.size() - full.size()));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string suggestion(Kind kind, const std::vector<fs::path>& plugin_path) {
  std::string text;
  for (const std::string& name : installed_names(kind, plugin_path)) {
    text += (text.empty() ? "" : ", ") + name;
  }
  const std::string drivers = std::string(to_string(kind)) + " drivers";
  if (text.empty()) {
    return "No " + drivers + " are installed there; is [DEFAULT] plugin_path right?";
  }
  return "Installed " + drivers + ": " + text + ".";
}

}  // namespace

void check_name(const Request& request) {
  if (is_driver_name(request.name)) return;
  refuse("PLUGIN_NAME_INVALID", request.asked_by,
         "\"" + request.name + "\" is not the name of a " + to_string(request.kind) +
             " driver: lower-case letters, digits and hyphens, a letter first (examples: file, "
             "ceph). A path cannot be given here; see [DEFAULT] plugin_path.");
}

fs::path find_file(const Request& request, const std::vector<fs::path>& plugin_path) {
  const std::string file = file_name(request.kind, request.name);
  fs::path found;
  for (const fs::path& directory : plugin_path) {
    const fs::path candidate = directory / file;
    std::error_code failed;
    // A link that leads nowhere counts: opening it will say so.
    if (!fs::exists(fs::symlink_status(candidate, failed))) continue;
    if (found.empty()) {
      found = candidate;
    } else if (!fs::equivalent(found, candidate, failed)) {
      refuse("PLUGIN_AMBIGUOUS", request.asked_by,
             "both " + found.string() + " and " + candidate.string() +
                 " serve it. Remove one, or take its directory out of [DEFAULT] plugin_path.");
    }
  }
  if (found.empty()) {
    refuse(
        "PLUGIN_NOT_FOUND", request.asked_by,
        "no " + file + " in " + joined(plugin_path) + ". " + suggestion(request.kind, plugin_path));
  }
  return found;
}

}  // namespace gnocchi::plugin
