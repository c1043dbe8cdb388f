#include "flock_coordinator.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <thread>
#include <utility>

#include "gnocchi/error.h"
#include "gnocchi/types.h"

namespace gnocchi::file {
namespace {

constexpr std::chrono::milliseconds kFirstPause{1};
constexpr std::chrono::milliseconds kLongestPause{50};
constexpr char kEscape = '%';
constexpr std::string_view kDraftPrefix = "%draft-";  // no escaped name starts like this

/// A file name that stands for any text: what is no letter, digit or one of "._-" as %xx.
std::string escape(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string name;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        byte < 0x80 && (std::isalnum(byte) || c == '_' || c == '-' || (c == '.' && !name.empty()));
    if (plain) {
      name += c;
    } else {
      name += kEscape;
      name += kDigits[byte >> 4];
      name += kDigits[byte & 15];
    }
  }
  return name;
}

std::string unescape(std::string_view name) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == kEscape && i + 2 < name.size()) {
      text += static_cast<char>(digit(name[i + 1]) * 16 + digit(name[i + 2]));
      i += 2;
    } else {
      text += name[i];
    }
  }
  return text;
}

/// False once somebody has removed the file: its lock then excludes nobody.
bool still_linked(int fd, std::string_view path) {
  struct stat status {};
  if (::fstat(fd, &status) < 0) fail("check", path);
  return status.st_nlink > 0;
}

class FileLock final : public HeldLock {
 public:
  FileLock(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}
  bool still_held() override { return still_linked(fd_.get(), path_); }

 private:
  Descriptor fd_;
  std::string path_;
};

/// file:///run/gnocchi -> /run/gnocchi
std::string directory_of(const std::string& url) {
  constexpr std::string_view kScheme = "file://";
  std::string_view path = url;
  if (path.starts_with(kScheme)) path.remove_prefix(kScheme.size());
  path = path.substr(0, path.find('?'));
  if (!path.starts_with('/')) {
    throw Error(Error::Code::invalid_config,
                "coordination_url = " + url + ": the file driver needs file:///<directory>");
  }
  return std::string(path);
}

std::string group_path(std::string_view group) { return "groups/" + escape(group); }

}  // namespace

FlockCoordinator::FlockCoordinator(const plugin::Context& context)
    : path_(directory_of(context.options.text("coordination_url"))) {}

FlockCoordinator::~FlockCoordinator() = default;

void FlockCoordinator::start() {
  make_directories(AT_FDCWD, path_);
  directory_ = open_at(AT_FDCWD, path_, O_RDONLY | O_DIRECTORY);
  if (!directory_) fail("open", path_);
  make_directories(directory_.get(), "locks");
  make_directories(directory_.get(), "groups");
}

void FlockCoordinator::stop() noexcept {
  const std::scoped_lock guard(mutex_);
  for (const auto& [path, membership] : memberships_) {
    ::unlinkat(directory_.get(), path.c_str(), 0);
  }
  memberships_.clear();
}

std::unique_ptr<HeldLock> FlockCoordinator::lock(std::string_view name,
                                                 std::chrono::milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  const std::string path = "locks/" + escape(name);
  Descriptor fd;
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    if (!fd) fd = open_at(directory_.get(), path, O_RDWR | O_CREAT, kFileMode);
    if (!fd) fail("open", path);
    if (try_lock(fd.get(), LockMode::exclusive, path)) {
      if (still_linked(fd.get(), path)) return std::make_unique<FileLock>(std::move(fd), path);
      fd.reset();
      continue;
    }
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::steady_clock::duration::zero()) return nullptr;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(pause, left));
  }
}

void FlockCoordinator::join(std::string_view group, const Member& self) {
  const std::string directory = group_path(group);
  make_directories(directory_.get(), directory);
  const Descriptor group_lock = open_at(directory_.get(), directory, O_RDONLY | O_DIRECTORY);
  if (!group_lock) fail("open", directory);
  gnocchi::file::lock(group_lock.get(), LockMode::exclusive, directory);

  const std::string path = directory + '/' + escape(self.id);
  const std::string draft = directory + '/' + std::string(kDraftPrefix) + escape(self.id);
  Membership made{path, open_at(directory_.get(), draft, O_RDWR | O_CREAT | O_TRUNC, kFileMode)};
  if (!made.file) fail("create", draft);
  // Locked and filled before it gets its name, which replaces what was published before.
  gnocchi::file::lock(made.file.get(), LockMode::exclusive, draft);
  if (write_at(made.file.get(), self.capabilities, 0) != self.capabilities.size() ||
      ::renameat(directory_.get(), draft.c_str(), directory_.get(), path.c_str()) < 0) {
    const int error = errno;
    ::unlinkat(directory_.get(), draft.c_str(), 0);
    fail("join", path, error);
  }
  const std::scoped_lock guard(mutex_);
  memberships_[path] = std::move(made);
}

void FlockCoordinator::leave(std::string_view group, std::string_view member_id) {
  const std::string path = group_path(group) + '/' + escape(member_id);
  const std::scoped_lock guard(mutex_);
  if (memberships_.erase(path) == 0) return;
  if (::unlinkat(directory_.get(), path.c_str(), 0) < 0 && errno != ENOENT) fail("leave", path);
}

std::vector<Member> FlockCoordinator::members(std::string_view group) {
  const std::string directory = group_path(group);
  std::vector<Member> found;
  const Descriptor group_lock = open_if_there(directory_.get(), directory, O_RDONLY | O_DIRECTORY);
  if (!group_lock) return found;
  // Held against join(): a file seen unlocked here is a dead member's, not one in the making.
  gnocchi::file::lock(group_lock.get(), LockMode::exclusive, directory);
  const auto names = list_directory(directory_.get(), directory);
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const std::string path = path_in(directory, name);
    const Descriptor file = open_if_there(directory_.get(), path, O_RDONLY);
    if (!file) continue;
    if (try_lock(file.get(), LockMode::shared, path)) {
      ::unlinkat(directory_.get(), path.c_str(), 0);
    } else {
      found.push_back({unescape(name), read_whole(file.get(), path)});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Member& a, const Member& b) { return a.id < b.id; });
  return found;
}

}  // namespace gnocchi::file
