#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

#include "gnocchi/coordinator.h"

namespace gnocchi::support {

/// Locks and groups of one process.
class MemoryCoordinator : public CoordinatorDriver {
 public:
  void start() override {}
  void stop() noexcept override {}
  void beat() override {}

  std::unique_ptr<HeldLock> lock(std::string_view name, std::chrono::milliseconds wait) override {
    std::unique_lock guard(mutex_);
    const std::string key(name);
    if (!changed_.wait_for(guard, wait, [&] { return !held_.contains(key); })) return nullptr;
    held_.insert(key);
    return std::make_unique<Held>(*this, key);
  }

  void join(std::string_view group, const Member& self) override {
    const std::scoped_lock guard(mutex_);
    groups_[std::string(group)][self.id] = self;
  }
  void leave(std::string_view group, std::string_view member_id) override {
    const std::scoped_lock guard(mutex_);
    groups_[std::string(group)].erase(std::string(member_id));
  }
  std::vector<Member> members(std::string_view group) override {
    const std::scoped_lock guard(mutex_);
    std::vector<Member> members;
    for (const auto& entry : groups_[std::string(group)]) members.push_back(entry.second);
    return members;
  }

 private:
  class Held : public HeldLock {
   public:
    Held(MemoryCoordinator& owner, std::string name) : owner_(owner), name_(std::move(name)) {}
    ~Held() override {
      const std::scoped_lock guard(owner_.mutex_);
      owner_.held_.erase(name_);
      owner_.changed_.notify_all();
    }
    bool still_held() override { return true; }

   private:
    MemoryCoordinator& owner_;
    std::string name_;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> held_;
  std::map<std::string, std::map<std::string, Member>> groups_;
};

}  // namespace gnocchi::support
