#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/coordinator.h"
#include "gnocchi/plugin/context.h"
#include "posix.h"

namespace gnocchi::file {

/// Locks and membership between the processes of one host, by flock() on files below the directory
/// of coordination_url: `locks/<name>` per lock, never removed; `groups/<group>/<id>` per member,
/// locked as long as its process lives, holding its capabilities. The kernel frees the locks of a
/// process that dies, so nothing needs a beat.
class FlockCoordinator final : public CoordinatorDriver {
 public:
  explicit FlockCoordinator(const plugin::Context& context);
  ~FlockCoordinator() override;

  void start() override;
  void stop() noexcept override;
  std::unique_ptr<HeldLock> lock(std::string_view name, std::chrono::milliseconds wait) override;
  void join(std::string_view group, const Member& self) override;
  void leave(std::string_view group, std::string_view member_id) override;
  std::vector<Member> members(std::string_view group) override;
  void beat() override {}

 private:
  struct Membership {
    std::string path;
    Descriptor file;  ///< its lock says that we live
  };

  const std::string path_;
  Descriptor directory_;
  std::mutex mutex_;                               ///< guards memberships_
  std::map<std::string, Membership> memberships_;  ///< by path
};

}  // namespace gnocchi::file
