#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "digest.h"

namespace gnocchi::keystone {

/// Who asks for what another thread is finding out already waits for that thread's result. Any
/// thread.
template <class Result>
class SingleFlight {
 public:
  /// `work` must not throw: what happened is in its result. It is bounded in time, and so is the
  /// wait for it.
  template <class Work>
  Result run(const Digest& key, Work work) {
    std::unique_lock guard(mutex_);
    auto& slot = flights_[key];
    if (slot) {
      const auto flight = slot;
      flight->landed.wait(guard, [&] { return flight->result.has_value(); });
      return *flight->result;
    }
    const auto flight = slot = std::make_shared<Flight>();
    guard.unlock();
    Result result = work();
    guard.lock();
    flights_.erase(key);
    flight->result = result;
    flight->landed.notify_all();
    return result;
  }

 private:
  struct Flight {
    std::condition_variable landed;
    std::optional<Result> result;
  };

  std::mutex mutex_;
  std::unordered_map<Digest, std::shared_ptr<Flight>, DigestHash> flights_;
};

}  // namespace gnocchi::keystone
