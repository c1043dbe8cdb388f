#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/plugin/context.h"
#include "settings.h"
#include "socket.h"

namespace gnocchi::keystone {

/// A client of memcached's text protocol. Any thread.
///
/// It never fails: a server that does not answer within the timeout is left alone for a while, and
/// until then its keys go to the others, in python-memcached's order, or nowhere.
class Memcached {
 public:
  /// Both outlive it.
  Memcached(const MemcachedSettings& settings, plugin::Log& log);
  ~Memcached();

  /// No servers at all? Then neither get() nor set() may be called.
  bool empty() const noexcept { return servers_.empty(); }

  std::optional<std::string> get(const std::string& key);
  void set(const std::string& key, std::string_view value, std::chrono::seconds life);

 private:
  class Server;

  /// Where the key is looked for; null if none of its servers lives.
  Server* server_of(const std::string& key);

  std::vector<std::unique_ptr<Server>> servers_;
};

}  // namespace gnocchi::keystone
