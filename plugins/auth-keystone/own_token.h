#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "deadline.h"
#include "gnocchi/error.h"
#include "gnocchi/plugin/context.h"
#include "http_client.h"
#include "settings.h"

namespace gnocchi::keystone {

/// What the service may validate tokens with.
struct Grant {
  std::string token;
  std::string endpoint;  ///< of Keystone's API version 3, for validation
  std::chrono::system_clock::time_point expires_at, renew_at;
  std::chrono::steady_clock::time_point since;
};
using GrantPtr = std::shared_ptr<const Grant>;

/// The service's own token. Renewed a while before it ends, and when Keystone refuses it; by one
/// thread, however many ask: meanwhile the others use the old one if that is still good, else they
/// wait. Any thread.
class OwnToken {
 public:
  /// All outlive it.
  OwnToken(const Settings& settings, HttpClient& http, plugin::Log& log);

  /// Throws Error{unavailable|timed_out}: Keystone does not answer, or refuses the service.
  GrantPtr get(const Deadline& deadline);
  /// Keystone refused this one: the next get() brings another. One that is quite new is kept, for
  /// then another is no better; false says so.
  bool refused(const GrantPtr& grant);

 private:
  /// Whoever calls it has set renewing_. `old`: what there is if that fails; may be null.
  GrantPtr renew(GrantPtr old, const Deadline& deadline);
  GrantPtr log_in(const Deadline& deadline);
  void note_failure(Error::Code code, const char* reason);

  const Settings& settings_;
  HttpClient& http_;
  plugin::Log& log_;

  std::mutex mutex_;  // never held while talking to Keystone
  std::condition_variable renewed_;
  bool renewing_ = false;  // a thread is at it
  GrantPtr current_;
  std::chrono::steady_clock::time_point failed_at_{};  // the epoch: never
  Error::Code failed_code_ = Error::Code::unavailable;
  std::string failed_reason_;
};

}  // namespace gnocchi::keystone
