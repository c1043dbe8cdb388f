#pragma once

#include <cstdint>
#include <memory>

#include "core/config/settings.h"
#include "core/service/drivers.h"
#include "core/stats/page.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::api {

class Application;

/// Gnocchi's REST API on a port: controllers, access rules, server. What gnocchi-api runs, and
/// gnocchi-server beside metricd.
///
/// One thread makes, starts and stops it. Settings, drivers (all five), page and log outlive
/// it; the page is not asked for any more once it is gone.
class ApiServer {
 public:
  /// Adds what it counts to `page`, which it serves. Policy files are looked up beside the
  /// configuration files. Throws Error{invalid_config} if the access rules are faulty.
  ApiServer(const config::Settings& settings, service::Drivers& drivers, stats::Page& page,
            plugin::Log& log);
  ~ApiServer();
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  /// Listens on [api] host and port. Throws Error{unavailable} if that is not possible. Until
  /// serve() was called every request is answered 503 with Retry-After.
  void start();
  /// Answers requests from now on: the drivers are started. Once, any thread, before start() or
  /// after it.
  void serve();
  /// Accepts nothing more and finishes the requests in hand. Idempotent.
  void stop() noexcept;
  std::uint16_t port() const noexcept;  ///< after start()
  /// Reads the access rules again. Any thread.
  void reload_policy();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace gnocchi::api
