#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/service/open_drivers.h"

namespace gnocchi::service {

/// Starts the drivers in the background, so that a program can answer meanwhile that it is not
/// ready yet. Must be destroyed before the OpenDrivers; ends its waiting then.
class StartingDrivers {
 public:
  /// `started` is called in the background thread when all of them run, before ready() is true;
  /// what it throws counts as a failure. `failed` is called with what cannot be mended.
  StartingDrivers(OpenDrivers& drivers, std::function<void()> started,
                  std::function<void(std::exception_ptr)> failed, const BackOff& back_off = {});

  /// Any thread; cheap. Once true, the drivers may be used.
  bool ready() const noexcept { return ready_.load(std::memory_order_acquire); }
  /// What is waited for: "indexer mysql: connect ...". Empty if nothing is known yet.
  std::string waiting_for() const;

 private:
  std::atomic<bool> ready_ = false;
  mutable std::mutex mutex_;
  std::string waiting_for_;
  std::jthread thread_;  // last: it uses the members above
};

}  // namespace gnocchi::service
