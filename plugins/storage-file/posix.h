#pragma once

#include <sys/types.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The system calls that the drivers of this plugin share, with errors said as gnocchi::Error.
/// Stateless; any thread.
namespace gnocchi::file {

/// Owns a file descriptor.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  void reset(int fd = -1) noexcept;
  int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// Throws Error{unavailable} saying operation, path and what `error` means.
[[noreturn]] void fail(std::string_view operation, std::string_view path, int error = errno);

/// Of every file that the driver creates.
constexpr mode_t kFileMode = 0640;

/// openat() with O_CLOEXEC, repeated when a signal interrupts it. Not opened: errno says why.
Descriptor open_at(int directory, const std::string& path, int flags, mode_t mode = 0) noexcept;
/// The same, where absence (ENOENT) alone is no failure.
Descriptor open_if_there(int directory, const std::string& path, int flags);

enum class LockMode { shared, exclusive };
/// Waits for flock(); the lock ends when the last descriptor of this opening is closed.
void lock(int fd, LockMode mode, std::string_view path);
/// False: somebody else has it.
[[nodiscard]] bool try_lock(int fd, LockMode mode, std::string_view path);

/// Waits, asleep, until set_and_wake() was called for the flag. std::atomic's own wait spins and
/// yields first, which costs more than what it waits for where processors are few.
void wait_until_set(const std::atomic<std::uint32_t>& flag) noexcept;
void set_and_wake(std::atomic<std::uint32_t>& flag) noexcept;

/// Up to `size` bytes at `offset`; fewer only at the end of the file.
std::size_t read_at(int fd, char* to, std::size_t size, std::uint64_t offset,
                    std::string_view path);
std::string read_whole(int fd, std::string_view path);
/// How much was written: less than all only if a write failed; errno says how.
std::size_t write_at(int fd, std::string_view data, std::uint64_t offset) noexcept;

/// Calls `each` with the names in an opened directory that was not listed yet, without "." and
/// ".."; `path` for messages.
void each_name(int directory, std::string_view path,
               const std::function<void(std::string_view name)>& each);
/// The names in a directory, without "." and ".."; nullopt if it does not exist.
std::optional<std::vector<std::string>> list_directory(int directory, const std::string& path);
/// Creates the directory and its parents; those that exist already are fine.
void make_directories(int directory, const std::string& path);
/// Removes a file or directory with all it holds; absence is fine.
void remove_tree(int directory, const std::string& path);

/// Replaces a small file atomically and durably.
void write_small_file(int directory, const std::string& path, std::string_view text);
/// The integer member `key` of the JSON object in a small file, as Python's drivers keep their
/// settings; nullopt if the file is absent. Throws Error{corrupt_data} for any other content.
std::optional<std::int64_t> read_setting(int directory, const std::string& path,
                                         std::string_view key);

/// "directory/name".
std::string path_in(std::string_view directory, std::string_view name);

/// What ends up on the disk before a call returns.
enum class SyncMode {
  commit,  ///< all of it: survives a power cut
  off,     ///< the system decides when: survives the end of the process, not a power cut
};
/// Throws Error{invalid_config} for anything but "commit" and "off".
SyncMode parse_sync_mode(std::string_view text);

}  // namespace gnocchi::file
