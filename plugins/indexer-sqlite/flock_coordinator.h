#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "gnocchi/coordinator.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::sqlite {

/// A file that this process has locked with flock(2); closing it gives the lock up.
class LockedFile {
 public:
  LockedFile() = default;
  LockedFile(LockedFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  LockedFile& operator=(LockedFile&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~LockedFile();

  /// Opens, and makes if need be, a file and locks it. Not locked: somebody else has it.
  /// Throws Error.
  static LockedFile try_lock(const std::string& path);
  bool locked() const { return file_ >= 0; }
  /// Whether the file is still the one at this path.
  bool is_at(const std::string& path) const;

 private:
  explicit LockedFile(int file) : file_(file) {}
  int file_ = -1;
};

/// Locks and membership for processes of one host, as files beside the database: in <db>.locks/ a
/// file "<name>.lock" for each lock, and for each member "<group>@<id>.member", locked while the
/// member lives, and "<group>@<id>.text", its capabilities. The kernel drops the locks of a process
/// that dies.
class FlockCoordinator final : public CoordinatorDriver {
 public:
  explicit FlockCoordinator(const plugin::Context& context);

  void start() override;
  void stop() noexcept override;
  std::unique_ptr<HeldLock> lock(std::string_view name, std::chrono::milliseconds wait) override;
  void join(std::string_view group, const Member& self) override;
  void leave(std::string_view group, std::string_view member_id) override;
  std::vector<Member> members(std::string_view group) override;
  void beat() override {}

 private:
  std::string path_of(std::string_view name, std::string_view suffix) const;

  const std::string folder_;
  std::mutex mutex_;
  std::map<std::string, LockedFile> joined_;  ///< by path
};

}  // namespace gnocchi::sqlite
