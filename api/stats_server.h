#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/stats/page.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::api {

/// Serves GET /metrics alone, for programs without a REST API. One thread makes, starts and stops
/// it; page and log outlive it.
class StatsServer {
 public:
  StatsServer(std::string host, std::uint16_t port, const stats::Page& page, plugin::Log& log);
  ~StatsServer();
  StatsServer(const StatsServer&) = delete;
  StatsServer& operator=(const StatsServer&) = delete;

  /// Throws Error{unavailable} if the address cannot be listened on.
  void start();
  void stop() noexcept;                 ///< idempotent
  std::uint16_t port() const noexcept;  ///< after start()

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace gnocchi::api
