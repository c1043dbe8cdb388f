#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "core/config/settings.h"
#include "core/plugin/loader.h"
#include "core/service/choose_drivers.h"
#include "core/service/counted_drivers.h"
#include "core/service/driver_calls.h"
#include "core/service/drivers.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::service {

/// Which drivers a program needs.
struct DriverNeeds {
  bool indexer = false;
  bool storage = false;
  bool incoming = false;
  bool coordinator = false;
  bool authenticator = false;
};

/// What a program that accepts, processes and answers needs.
inline constexpr DriverNeeds kAllDrivers{true, true, true, true, true};

/// How long to wait before a driver that would not start is tried again.
struct BackOff {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds longest{60'000};
};

/// The drivers of a process: created, then started, and stopped in the reverse order when this is
/// destroyed. One thread calls start(); Drivers may be used from any thread once it returned true.
class OpenDrivers {
 public:
  /// Finds, judges and creates the drivers that the settings choose; no I/O but reading plugins.
  /// What is wrong with settings or plugins is added to `faults`, all of it; then nothing is
  /// created. `settings` is not kept; `log` must outlive this.
  OpenDrivers(const config::Settings& settings, const DriverNeeds& needs,
              const std::string& process_name, plugin::Log& log, config::Faults& faults);
  ~OpenDrivers();
  OpenDrivers(const OpenDrivers&) = delete;
  OpenDrivers& operator=(const OpenDrivers&) = delete;

  /// Starts the drivers, storage and incoming beside the others; one whose backend is away is tried
  /// again until it starts. `waiting` is told which driver is waited for, and why, before each
  /// wait; two threads may call it. False: `stop` was asked for. Throws what a driver says that
  /// trying again cannot mend, once none is being started any more.
  [[nodiscard]] bool start(const std::stop_token& stop,
                           const std::function<void(const std::string&)>& waiting = {},
                           const BackOff& back_off = {});
  /// Stops what was started, in reverse; no call may come to the drivers any more. Idempotent.
  void stop() noexcept;

  Drivers& drivers() noexcept { return drivers_; }
  /// Keys of the drivers' groups that nobody reads.
  const std::vector<config::Notice>& notices() const noexcept { return notices_; }
  /// How the drivers' calls went, and what was accepted. Any thread.
  void describe(stats::Text& text) const;

 private:
  struct Role {
    DriverChoice choice;
    plugin::Found found;
  };

  struct Created {
    std::string title;  ///< "indexer mysql"
    Driver* driver = nullptr;
    bool of_storage = false;  ///< storage or incoming, which may share a backend
    bool started = false;
  };

  void create(const Role& role, const config::Settings& settings);
  bool start_one(Driver& driver, const std::string& title, const std::stop_token& stop,
                 const std::function<void(const std::string&)>& waiting, const BackOff& back_off);

  plugin::Log& log_;
  plugin::Loader loader_;          // owns what the drivers are lent: before them
  std::deque<DriverCalls> calls_;  // counted into by the drivers: before them
  Accepted accepted_;
  Drivers drivers_;
  std::vector<Created> in_order_;
  std::vector<config::Notice> notices_;
};

}  // namespace gnocchi::service
