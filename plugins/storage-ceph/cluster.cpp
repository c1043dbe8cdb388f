#include "cluster.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace gnocchi::ceph {
namespace {

constexpr char kClusterName[] = "ceph";
/// Any object will do to see whether the pool can be read; this one is mostly there.
constexpr char kProbe[] = "gnocchi-config";

constexpr double kLongestPatienceS = 3;

std::string reason_of(int result) { return std::generic_category().message(-result); }

bool forbidden(int result) { return result == -EPERM || result == -EACCES; }

}  // namespace

ClusterOptions ClusterOptions::from(const plugin::Options& options) {
  const auto text_or_empty = [&](const char* name) {
    return options.has(name) ? options.text(name) : std::string();
  };
  ClusterOptions made;
  made.conffile = options.text("ceph_conffile");
  made.pool = options.text("ceph_pool");
  made.user = text_or_empty("ceph_username");
  made.keyring = text_or_empty("ceph_keyring");
  made.secret = text_or_empty("ceph_secret");
  made.timeout = std::chrono::ceil<std::chrono::seconds>(options.duration("ceph_timeout"));
  made.in_flight = static_cast<std::size_t>(options.integer("ceph_operations_in_flight"));
  return made;
}

std::string ClusterOptions::entity() const { return "client." + (user.empty() ? "admin" : user); }

Error Cluster::error(std::string_view action, int result) const {
  const std::string what = std::string(action) + " in pool " + options_.pool + ": ";
  switch (-result) {
    case ETIMEDOUT:
      return {Error::Code::timed_out, what + "timed out after " +
                                          std::to_string(options_.timeout.count()) +
                                          " s (ceph_timeout); are OSDs down?"};
    case ENOSPC:
    case EDQUOT:
      return {Error::Code::unavailable, what + "the cluster or the pool's quota is full"};
    case EPERM:
    case EACCES:
      return {Error::Code::invalid_config,
              what + options_.entity() +
                  " is not allowed to; it needs: osd 'allow rwx pool=" + options_.pool + "'"};
    case EOPNOTSUPP:
      return {
          Error::Code::invalid_config,
          what + "not possible there; an erasure-coded pool has no omap, take a replicated one"};
    case ESHUTDOWN:
      return {Error::Code::unavailable,
              what + "the cluster has blocklisted this client; start the process anew"};
    case ENOTCONN:
    case EAGAIN:
    case EINTR:
    case EBUSY: return {Error::Code::unavailable, what + reason_of(result)};
    default: return {Error::Code::internal, what + reason_of(result)};
  }
}

void Cluster::set(const char* option, const std::string& value) {
  const int result = rados_conf_set(cluster_, option, value.c_str());
  if (result < 0) {
    throw Error(Error::Code::invalid_config,
                std::string("Ceph's setting ") + option + ": " + reason_of(result));
  }
}

void Cluster::configure() {
  const int result = rados_conf_read_file(cluster_, options_.conffile.c_str());
  if (result < 0) {
    throw Error(Error::Code::invalid_config, "ceph_conffile " + options_.conffile +
                                                 " cannot be read: " + reason_of(result) +
                                                 "; give the path of the cluster's ceph.conf");
  }
  if (!options_.keyring.empty()) set("keyring", options_.keyring);
  if (!options_.secret.empty()) set("key", options_.secret);
  const std::string timeout = std::to_string(options_.timeout.count());
  set("rados_osd_op_timeout", timeout);
  set("rados_mon_op_timeout", timeout);
  set("client_mount_timeout", timeout);
  // librados asks for news of OSDs only once an operation has waited for objecter_timeout, 10 s of
  // its own accord. With a shorter ceph_timeout it would never hear that an OSD has come back.
  const double patience_s =
      std::clamp(static_cast<double>(options_.timeout.count()) / 4, 0.25, kLongestPatienceS);
  set("objecter_timeout", std::to_string(patience_s));
  set("objecter_tick_interval", std::to_string(patience_s / 2));
}

std::string Cluster::keyring_in_force() const {
  std::array<char, 4096> value{};
  if (rados_conf_get(cluster_, "keyring", value.data(), value.size()) < 0) return {};
  return value.data();
}

void Cluster::refuse_connection(int result) {
  const std::string who = "connect to Ceph (" + options_.conffile + ") as " + options_.entity();
  const std::string key_from = options_.secret.empty()
                                   ? "the key in " + keyring_in_force()
                                   : std::string("the key in the option ceph_secret");
  if (result == -ETIMEDOUT) {
    std::array<char, 1024> monitors{};
    rados_conf_get(cluster_, "mon_host", monitors.data(), monitors.size());
    throw Error(Error::Code::unavailable, who + ": no monitor has answered within " +
                                              std::to_string(options_.timeout.count()) +
                                              " s (mon_host " + monitors.data() +
                                              "); are they up, and is the network?");
  }
  if (forbidden(result)) {
    throw Error(Error::Code::invalid_config, who + ": refused with " + key_from +
                                                 "; compare user and key with: ceph auth get " +
                                                 options_.entity());
  }
  if (result == -ENOENT) {
    throw Error(Error::Code::invalid_config,
                who + ": no key, there is no keyring " + keyring_in_force() +
                    "; set ceph_keyring to the file that holds one, or ceph_secret to the key");
  }
  if (result == -EINVAL || result == -EIO) {
    throw Error(Error::Code::invalid_config,
                who + ": " + key_from + " is not one: " + reason_of(result) +
                    "; make it with: ceph auth get-or-create " + options_.entity());
  }
  throw Error(Error::Code::unavailable, who + ": " + reason_of(result));
}

void Cluster::open_pool() {
  const int opened = rados_ioctx_create(cluster_, options_.pool.c_str(), &io_);
  if (opened == -ENOENT) {
    throw Error(Error::Code::invalid_config,
                "Ceph (" + options_.conffile + ") has no pool " + options_.pool +
                    "; set ceph_pool, or make it with: ceph osd pool create " + options_.pool);
  }
  if (opened < 0) throw error("open", opened);
  uint64_t size = 0;
  time_t changed = 0;
  const int read = rados_stat(io_, kProbe, &size, &changed);
  if (read < 0 && read != -ENOENT) throw error(std::string("look at ") + kProbe, read);
}

void Cluster::connect() {
  disconnect();
  const int created = rados_create2(&cluster_, kClusterName, options_.entity().c_str(), 0);
  if (created < 0) {
    cluster_ = nullptr;
    throw Error(Error::Code::internal, "librados: " + reason_of(created));
  }
  try {
    configure();
    if (!options_.keyring.empty() && ::access(options_.keyring.c_str(), R_OK) < 0) {
      throw Error(Error::Code::invalid_config,
                  "ceph_keyring " + options_.keyring + " cannot be read: " + reason_of(-errno) +
                      "; it must hold the key of " + options_.entity());
    }
    const int connected = rados_connect(cluster_);
    if (connected < 0) refuse_connection(connected);
    open_pool();
  } catch (...) {
    disconnect();
    throw;
  }
}

void Cluster::disconnect() noexcept {
  if (io_ != nullptr) {
    rados_aio_flush(io_);
    rados_ioctx_destroy(io_);
  }
  io_ = nullptr;
  if (cluster_ != nullptr) rados_shutdown(cluster_);
  cluster_ = nullptr;
}

}  // namespace gnocchi::ceph
