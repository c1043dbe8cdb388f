#include "posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <limits>
#include <system_error>

#include "gnocchi/error.h"
#include "gnocchi/types.h"

namespace gnocchi::file {
namespace {

constexpr mode_t kDirectoryMode = 0750;  // as Python Gnocchi makes them

template <class Call>
auto uninterrupted(Call call) noexcept {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

std::string_view skip_spaces(std::string_view text) {
  const auto at = text.find_first_not_of(" \t\r\n");
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

}  // namespace

void Descriptor::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

void fail(std::string_view operation, std::string_view path, int error) {
  throw Error(Error::Code::unavailable, std::string(operation) + ' ' + std::string(path) + ": " +
                                            std::system_category().message(error));
}

Descriptor open_at(int directory, const std::string& path, int flags, mode_t mode) noexcept {
  return Descriptor(
      uninterrupted([&] { return ::openat(directory, path.c_str(), flags | O_CLOEXEC, mode); }));
}

Descriptor open_if_there(int directory, const std::string& path, int flags) {
  Descriptor fd = open_at(directory, path, flags);
  if (!fd && errno != ENOENT) fail("open", path);
  return fd;
}

void lock(int fd, LockMode mode, std::string_view path) {
  const int operation = mode == LockMode::shared ? LOCK_SH : LOCK_EX;
  if (uninterrupted([&] { return ::flock(fd, operation); }) < 0) fail("lock", path);
}

bool try_lock(int fd, LockMode mode, std::string_view path) {
  const int operation = (mode == LockMode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  if (uninterrupted([&] { return ::flock(fd, operation); }) == 0) return true;
  if (errno != EWOULDBLOCK) fail("lock", path);
  return false;
}

void wait_until_set(const std::atomic<std::uint32_t>& flag) noexcept {
  static_assert(sizeof flag == sizeof(std::uint32_t), "what a futex is");
  while (flag.load(std::memory_order_acquire) == 0) {
    ::syscall(SYS_futex, &flag, FUTEX_WAIT_PRIVATE, 0, nullptr, nullptr, 0);
  }
}

void set_and_wake(std::atomic<std::uint32_t>& flag) noexcept {
  flag.store(1, std::memory_order_release);
  ::syscall(SYS_futex, &flag, FUTEX_WAKE_PRIVATE, std::numeric_limits<int>::max(), nullptr, nullptr,
            0);
}

std::size_t read_at(int fd, char* to, std::size_t size, std::uint64_t offset,
                    std::string_view path) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = uninterrupted(
        [&] { return ::pread(fd, to + done, size - done, static_cast<off_t>(offset + done)); });
    if (n < 0) fail("read", path);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

std::string read_whole(int fd, std::string_view path) {
  struct stat status {};
  if (::fstat(fd, &status) < 0) fail("read", path);
  std::string data;
  data.resize(static_cast<std::size_t>(status.st_size));
  data.resize(read_at(fd, data.data(), data.size(), 0, path));
  return data;
}

std::size_t write_at(int fd, std::string_view data, std::uint64_t offset) noexcept {
  std::size_t done = 0;
  while (done < data.size()) {
    const ssize_t n = uninterrupted([&] {
      return ::pwrite(fd, data.data() + done, data.size() - done,
                      static_cast<off_t>(offset + done));
    });
    if (n < 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

void each_name(int directory, std::string_view path,
               const std::function<void(std::string_view)>& each) {
  // Without a DIR, which takes 32 KiB and three calls more: mostly there is but one name.
  alignas(dirent64) std::array<char, 8192> entries;
  while (true) {
    const ssize_t size = ::getdents64(directory, entries.data(), entries.size());
    if (size < 0) fail("list", path);
    if (size == 0) return;
    for (ssize_t at = 0; at < size;) {
      const auto* entry = static_cast<const dirent64*>(
          static_cast<const void*>(&entries[static_cast<std::size_t>(at)]));
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") each(name);
      at += entry->d_reclen;
    }
  }
}

std::optional<std::vector<std::string>> list_directory(int directory, const std::string& path) {
  const Descriptor fd = open_if_there(directory, path, O_RDONLY | O_DIRECTORY);
  if (!fd) return std::nullopt;
  std::vector<std::string> names;
  each_name(fd.get(), path, [&](std::string_view name) { names.emplace_back(name); });
  return names;
}

void make_directories(int directory, const std::string& path) {
  // From the innermost on: usually all but the last levels exist. Another process may prune an
  // empty parent meanwhile, hence more than one attempt.
  for (int attempt = 0; attempt < 16; ++attempt) {
    if (::mkdirat(directory, path.c_str(), kDirectoryMode) == 0 || errno == EEXIST) return;
    if (errno != ENOENT) fail("create directory", path);
    const auto slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0) fail("create directory", path);
    make_directories(directory, path.substr(0, slash));
  }
  fail("create directory", path, ENOENT);
}

void remove_tree(int directory, const std::string& path) {
  if (::unlinkat(directory, path.c_str(), 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR && errno != EPERM) fail("remove", path);
  for (int attempt = 0; attempt < 16; ++attempt) {
    if (const auto names = list_directory(directory, path)) {
      for (const std::string& name : *names) remove_tree(directory, path_in(path, name));
    }
    if (::unlinkat(directory, path.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return;
    // Something was added meanwhile: once more.
    if (errno != ENOTEMPTY && errno != EEXIST) fail("remove", path);
  }
  fail("remove", path, ENOTEMPTY);
}

void write_small_file(int directory, const std::string& path, std::string_view text) {
  const std::string draft = path + ".new-" + Uuid::random().to_string();
  Descriptor fd = open_at(directory, draft, O_WRONLY | O_CREAT | O_EXCL, kFileMode);
  if (!fd) fail("create", draft);
  const bool written = write_at(fd.get(), text, 0) == text.size() && ::fsync(fd.get()) == 0;
  if (!written || ::renameat(directory, draft.c_str(), directory, path.c_str()) < 0) {
    const int error = errno;
    ::unlinkat(directory, draft.c_str(), 0);
    fail("write", path, error);
  }
  const auto slash = path.rfind('/');
  const Descriptor parent = open_at(
      directory, slash == std::string::npos ? "." : path.substr(0, slash), O_RDONLY | O_DIRECTORY);
  if (!parent || ::fsync(parent.get()) < 0) fail("write", path);
}

std::optional<std::int64_t> read_setting(int directory, const std::string& path,
                                         std::string_view key) {
  const Descriptor fd = open_if_there(directory, path, O_RDONLY);
  if (!fd) return std::nullopt;
  const std::string text = read_whole(fd.get(), path);
  const std::string quoted = '"' + std::string(key) + '"';
  if (const auto at = text.find(quoted); at != std::string::npos) {
    std::string_view rest = skip_spaces(std::string_view(text).substr(at + quoted.size()));
    if (rest.starts_with(':')) {
      rest = skip_spaces(rest.substr(1));
      std::int64_t value = 0;
      const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
      const std::string_view after = skip_spaces({end, rest.data() + rest.size()});
      if (code == std::errc{} && (after.starts_with('}') || after.starts_with(','))) return value;
    }
  }
  throw Error(Error::Code::corrupt_data,
              "read " + path + ": no number \"" + std::string(key) + "\" in it");
}

std::string path_in(std::string_view directory, std::string_view name) {
  std::string path(directory);
  path += '/';
  path += name;
  return path;
}

SyncMode parse_sync_mode(std::string_view text) {
  if (text == "commit") return SyncMode::commit;
  if (text == "off") return SyncMode::off;
  throw Error(Error::Code::invalid_config,
              "file_sync = " + std::string(text) + ": not one of commit, off");
}

}  // namespace gnocchi::file
