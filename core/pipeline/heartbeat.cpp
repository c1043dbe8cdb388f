#include "core/pipeline/heartbeat.h"

#include <chrono>
#include <exception>
#include <string>

namespace gnocchi::pipeline {
namespace {

/// Several times in the shortest lease that a coordinator may have.
constexpr std::chrono::seconds kBeat{1};

}  // namespace

Heartbeat::Heartbeat(CoordinatorDriver& coordinator, plugin::Log& log)
    : coordinator_(coordinator),
      log_(log),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void Heartbeat::run(const std::stop_token& stop) {
  bool failing = false;  // told once, not every second
  while (!stop.stop_requested()) {
    try {
      coordinator_.beat();
      if (failing) log_.info("coordination works again");
      failing = false;
    } catch (const std::exception& error) {
      if (!failing) log_.error(std::string("coordination failed reason=\"") + error.what() + "\"");
      failing = true;
    }
    std::unique_lock guard(mutex_);
    stopped_.wait_for(guard, stop, kBeat, [] { return false; });
  }
}

}  // namespace gnocchi::pipeline
