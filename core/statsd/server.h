#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/pipeline/buffered_writer.h"
#include "core/statsd/aggregator.h"
#include "core/statsd/udp_socket.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::statsd {

/// Receives statsd packets and writes what they come to, every `flush_delay`, as measures of one
/// resource. A thread of its own receives and never waits for a backend; another one flushes.
class Server {
 public:
  struct Options {
    std::string resource_id;
    std::chrono::nanoseconds flush_delay{};
  };

  /// Socket, writer and log outlive it.
  Server(UdpSocket& socket, pipeline::BufferedWriter& writer, plugin::Log& log, Options options)
      : socket_(socket), writer_(writer), log_(log), options_(std::move(options)) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  /// Takes what has come already, and flushes a last time. Idempotent.
  void stop();

 private:
  void receive();
  void flush_now_and_then();
  void flush();
  void take(std::string_view packet);
  void note_fault(std::string_view line, const char* reason);

  UdpSocket& socket_;
  pipeline::BufferedWriter& writer_;
  plugin::Log& log_;
  const Options options_;

  std::mutex mutex_;  // of what follows, down to first_fault_
  std::condition_variable wake_;
  bool stopping_ = false;
  Aggregator aggregator_;
  std::size_t faults_ = 0;
  std::string first_fault_;

  std::atomic<bool> ending_ = false;
  std::thread receiver_, flusher_;
};

}  // namespace gnocchi::statsd
