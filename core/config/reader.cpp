#include "core/config/reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "core/config/values.h"

namespace gnocchi::config {
namespace {

std::string_view trim_right(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r\n\f\v");
  return last == std::string_view::npos ? std::string_view{} : line.substr(0, last + 1);
}

/// One pair of quotes around a first line's value is taken off, as oslo does.
std::string_view unquote(std::string_view value) {
  if (value.empty() || value.front() != value.back()) return value;
  if (value.front() != '"' && value.front() != '\'') return value;
  return value.size() == 1 ? std::string_view{} : value.substr(1, value.size() - 2);
}

class IniReader {
 public:
  IniReader(const std::string& file, Faults& faults) : file_(file), faults_(faults) {}

  void line(std::string_view raw) {
    ++number_;
    const std::string_view line = trim_right(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') {
      open_ = false;
    } else if (line.front() == ' ' || line.front() == '\t') {
      continuation(trim(line));
    } else if (line.front() == '[') {
      section(line);
    } else {
      assignment(line);
    }
  }

  std::vector<Entry> take() { return std::move(entries_); }

 private:
  void fault(std::string_view problem) {
    open_ = false;
    skipping_ = true;
    faults_.add_line({file_, number_}, problem);
  }

  void continuation(std::string_view text) {
    if (open_) {
      entries_.back().value.append("\n").append(text);
    } else if (!skipping_ && text.front() != '#' && text.front() != ';') {
      fault(
          "an indented line continues the value above it, but there is none"
          " (example: name = value at the start of a line)");
    }
  }

  void section(std::string_view line) {
    open_ = skipping_ = false;
    if (line.back() != ']' || line.size() <= 2) {
      group_.clear();
      fault("not a group (example: [storage])");
      return;
    }
    group_ = std::string(line.substr(1, line.size() - 2));
  }

  void assignment(std::string_view line) {
    open_ = skipping_ = false;
    const std::size_t at = line.find_first_of("=:");
    if (at == std::string_view::npos) return fault("neither '=' nor ':' (example: name = value)");
    std::string name(trim(line.substr(0, at)));
    if (name.empty()) return fault("no name before the '=' (example: name = value)");
    if (group_.empty()) return fault("outside of any group (put [DEFAULT] above it)");
    std::replace(name.begin(), name.end(), '-', '_');
    entries_.push_back({group_, std::move(name), std::string(unquote(trim(line.substr(at + 1)))),
                        Location{file_, number_}});
    open_ = true;
  }

  const std::string& file_;
  Faults& faults_;
  std::vector<Entry> entries_;
  std::string group_;
  std::size_t number_ = 0;
  bool open_ = false;      ///< the last entry may be continued
  bool skipping_ = false;  ///< continuation lines belong to a line that was refused
};

}  // namespace

std::vector<Entry> read_ini(std::string_view text, const std::string& file, Faults& faults) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  IniReader reader(file, faults);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    reader.line(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return reader.take();
}

std::vector<Entry> read_ini_file(const std::filesystem::path& path, Faults& faults) {
  std::ifstream in(path, std::ios::binary);
  std::error_code ignored;
  if (!in || std::filesystem::is_directory(path, ignored)) {
    const int reason = in ? EISDIR : errno;
    faults.add_line({path.string(), 0}, std::string("cannot be read: ") + std::strerror(reason));
    return {};
  }
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return read_ini(text, path.string(), faults);
}

std::vector<std::filesystem::path> conf_files_in(const std::filesystem::path& directory,
                                                 Faults& faults) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".conf") files.push_back(it->path());
  }
  if (error) faults.add_line({directory.string(), 0}, "cannot be read: " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::filesystem::path> standard_directories() {
  std::vector<std::filesystem::path> directories;
  // A home that this account cannot look into is not its own: "runuser -u gnocchi" leaves root's.
  if (const char* home = std::getenv("HOME");
      home != nullptr && *home != '\0' && ::access(home, X_OK) == 0) {
    directories.push_back(std::filesystem::path(home) / ".gnocchi");
    directories.emplace_back(home);
  }
  directories.emplace_back("/etc/gnocchi");
  directories.emplace_back("/etc");
  return directories;
}

std::vector<std::filesystem::path> default_conf_files(std::string_view program, Faults& faults) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  std::error_code error;
  // What a distribution presets, under what the operator writes.
  if (const fs::path preset = "/usr/share/gnocchi/gnocchi-dist.conf"; fs::exists(preset, error)) {
    files.push_back(preset);
  }
  const std::vector<std::string> names{"gnocchi.conf", std::string(program) + ".conf"};
  for (const std::string& name : names) {
    for (const fs::path& directory : standard_directories()) {
      if (fs::is_regular_file(directory / name, error)) {
        files.push_back(directory / name);
        break;
      }
      if (error == std::errc::permission_denied) {
        faults.add_line({(directory / name).string(), 0}, "cannot be read: " + error.message());
        break;
      }
    }
  }
  for (const std::string& name : names) {
    for (const fs::path& directory : standard_directories()) {
      if (!fs::is_directory(directory / (name + ".d"), error)) continue;
      for (fs::path& file : conf_files_in(directory / (name + ".d"), faults)) {
        files.push_back(std::move(file));
      }
      break;
    }
  }
  return files;
}

}  // namespace gnocchi::config
