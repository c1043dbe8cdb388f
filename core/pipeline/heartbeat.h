#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "gnocchi/coordinator.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::pipeline {

/// Keeps a process's locks and memberships alive, from its making to its destruction, on a thread
/// of its own: whatever else waits for a backend does not let a lease run out. Everything that
/// processes sacks has one.
class Heartbeat {
 public:
  /// Both outlive it; the coordinator is started.
  Heartbeat(CoordinatorDriver& coordinator, plugin::Log& log);

 private:
  void run(const std::stop_token& stop);

  CoordinatorDriver& coordinator_;
  plugin::Log& log_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // last: it uses the members above
};

}  // namespace gnocchi::pipeline
