#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "gnocchi/plugin/context.h"

namespace proton {
class container;
}

namespace gnocchi::amqp1d {

/// Receives the messages of one AMQP 1.0 address, in a thread of its own, and connects anew
/// whenever the peer is away. A message counts as delivered when `take` returns.
class AmqpReceiver {
 public:
  /// `url`: host:port/address, with user:password@ in front where the peer wants it. `take` gets
  /// the body of each message, text or binary; it must not throw. The log outlives it.
  AmqpReceiver(std::string url, std::function<void(std::string_view)> take, plugin::Log& log);
  ~AmqpReceiver();
  AmqpReceiver(const AmqpReceiver&) = delete;
  AmqpReceiver& operator=(const AmqpReceiver&) = delete;

  void start();
  /// Idempotent.
  void stop();

 private:
  class Session;
  void run();
  bool receive_until_the_end();

  const std::string url_;
  const std::function<void(std::string_view)> take_;
  plugin::Log& log_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  proton::container* container_ = nullptr;  // while it runs
  std::thread thread_;
};

}  // namespace gnocchi::amqp1d
