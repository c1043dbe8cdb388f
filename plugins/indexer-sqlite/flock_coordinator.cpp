#include "indexer-sqlite/flock_coordinator.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "gnocchi/error.h"
#include "indexer-sqlite/sqlite_indexer.h"

namespace gnocchi::sqlite {
namespace {

constexpr std::chrono::milliseconds kShortestPause{1}, kLongestPause{50}, kProbe{500};

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw Error(errno == ENOSPC || errno == EACCES || errno == ENOENT ? Error::Code::unavailable
                                                                    : Error::Code::internal,
              "coordinator: " + what + " " + path + ": " + std::strerror(errno));
}

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

/// A name as part of a file name: other characters as %xx.
std::string escaped(std::string_view name) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : name) {
    if (plain(c)) {
      out += c;
    } else {
      out += '%';
      out += kDigits[static_cast<unsigned char>(c) >> 4];
      out += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

class FlockLock final : public HeldLock {
 public:
  FlockLock(LockedFile file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  bool still_held() override { return file_.is_at(path_); }

 private:
  LockedFile file_;
  const std::string path_;
};

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replace_file(const std::string& path, std::string_view text) {
  const std::string fresh = path + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    file << text;
    file.flush();
    if (!file) fail("write", fresh);
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) fail("rename", fresh);
}

}  // namespace

LockedFile::~LockedFile() {
  if (file_ >= 0) ::close(file_);
}

LockedFile LockedFile::try_lock(const std::string& path) {
  for (;;) {
    LockedFile file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0660));
    if (file.file_ < 0) fail("open", path);
    while (::flock(file.file_, LOCK_EX | LOCK_NB) != 0) {
      if (errno == EWOULDBLOCK) return {};
      if (errno != EINTR) fail("lock", path);
    }
    // Between open and lock somebody may have removed the file and made another.
    if (file.is_at(path)) return file;
  }
}

bool LockedFile::is_at(const std::string& path) const {
  struct stat mine {
  }, there{};
  return file_ >= 0 && ::fstat(file_, &mine) == 0 && ::stat(path.c_str(), &there) == 0 &&
         mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

FlockCoordinator::FlockCoordinator(const plugin::Context& context)
    : folder_(database_path(context.options.text("coordination_url")) + ".locks") {}

void FlockCoordinator::start() {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed) {
    throw Error(Error::Code::unavailable,
                "coordinator: make directory " + folder_ + ": " + failed.message());
  }
}

void FlockCoordinator::stop() noexcept {
  const std::lock_guard guard(mutex_);
  joined_.clear();
}

std::string FlockCoordinator::path_of(std::string_view name, std::string_view suffix) const {
  return folder_ + "/" + std::string(name) + std::string(suffix);
}

std::unique_ptr<HeldLock> FlockCoordinator::lock(std::string_view name,
                                                 std::chrono::milliseconds wait) {
  const std::string path = path_of(escaped(name), ".lock");
  const auto end = std::chrono::steady_clock::now() + wait;
  // flock(2) has no timeout: asked again with growing pauses.
  for (auto pause = kShortestPause;; pause = std::min(pause * 2, kLongestPause)) {
    LockedFile file = LockedFile::try_lock(path);
    if (file.locked()) return std::make_unique<FlockLock>(std::move(file), path);
    const auto now = std::chrono::steady_clock::now();
    if (now >= end) return nullptr;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(pause, end - now));
  }
}

void FlockCoordinator::join(std::string_view group, const Member& self) {
  const std::string name = escaped(group) + "@" + escaped(self.id);
  const std::string path = path_of(name, ".member");
  replace_file(path_of(name, ".text"), self.capabilities);
  const std::lock_guard guard(mutex_);
  LockedFile& file = joined_[path];
  // Whoever lists the members holds a file's lock for a moment, to see whether it is free.
  const auto end = std::chrono::steady_clock::now() + kProbe;
  while (!file.locked() || !file.is_at(path)) {
    file = LockedFile::try_lock(path);
    if (file.locked()) return;
    if (std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(kShortestPause);
      continue;
    }
    joined_.erase(path);
    throw Error(Error::Code::internal,
                "coordinator: another process is member " + self.id + " already");
  }
}

void FlockCoordinator::leave(std::string_view group, std::string_view member_id) {
  const std::string name = escaped(group) + "@" + escaped(member_id);
  const std::lock_guard guard(mutex_);
  const auto joined = joined_.find(path_of(name, ".member"));
  if (joined == joined_.end()) return;
  ::unlink(path_of(name, ".text").c_str());
  ::unlink(joined->first.c_str());
  joined_.erase(joined);
}

std::vector<Member> FlockCoordinator::members(std::string_view group) {
  const std::string prefix = escaped(group) + "@", suffix = ".member";
  std::vector<Member> members;
  std::error_code failed;
  std::filesystem::directory_iterator entries(folder_, failed);
  if (failed) {
    throw Error(Error::Code::unavailable, "coordinator: list " + folder_ + ": " + failed.message());
  }
  for (const auto& entry : entries) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with(prefix) || !file.ends_with(suffix)) continue;
    const std::string name = file.substr(0, file.size() - suffix.size());
    const std::string path = path_of(name, suffix), text = path_of(name, ".text");
    if (const LockedFile dead = LockedFile::try_lock(path); dead.locked()) {
      ::unlink(text.c_str());
      ::unlink(path.c_str());
      continue;
    }
    members.push_back({unescaped(name.substr(prefix.size())), file_text(text)});
  }
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.id < b.id; });
  return members;
}

}  // namespace gnocchi::sqlite
