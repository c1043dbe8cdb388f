#pragma once

#include <rados/librados.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "gnocchi/error.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::ceph {

/// Where the cluster is and who we are there: the options that all drivers here share.
struct ClusterOptions {
  std::string conffile;
  std::string pool;
  std::string user;     ///< without "client."; empty: admin
  std::string keyring;  ///< empty: as the conffile says
  std::string secret;   ///< empty: from the keyring
  std::chrono::seconds timeout{30};
  std::size_t in_flight = 1;  ///< operations of one call at a time

  static ClusterOptions from(const plugin::Options& options);
  /// "client.gnocchi"
  std::string entity() const;
};

/// A connection to one pool. librados itself reconnects and repeats operations, each for `timeout`
/// at most; then they fail with ETIMEDOUT.
///
/// connect() and disconnect() by one thread, everything else by any between them.
class Cluster {
 public:
  explicit Cluster(ClusterOptions options) : options_(std::move(options)) {}
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  ~Cluster() { disconnect(); }

  /// Connects, and reads from the pool to see that it can. Throws Error{invalid_config} where the
  /// cluster has said that it will not have us, Error{unavailable} where it says nothing.
  void connect();
  void disconnect() noexcept;

  rados_ioctx_t io() const { return io_; }
  rados_t handle() const { return cluster_; }
  const ClusterOptions& options() const { return options_; }

  /// What came of an operation: `action` as "read incoming128-5", `result` a negative errno.
  Error error(std::string_view action, int result) const;

 private:
  void configure();
  void set(const char* option, const std::string& value);
  void open_pool();
  [[noreturn]] void refuse_connection(int result);
  std::string keyring_in_force() const;

  const ClusterOptions options_;
  rados_t cluster_ = nullptr;
  rados_ioctx_t io_ = nullptr;
};

}  // namespace gnocchi::ceph
