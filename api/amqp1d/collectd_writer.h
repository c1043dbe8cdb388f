#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "core/pipeline/buffered_writer.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::amqp1d {

/// Turns collectd's messages into measures of one resource a host, written every `flush_delay`. A
/// measure's time is that of its message's arrival, as upstream has it.
class CollectdWriter {
 public:
  struct Options {
    std::string resource_type;
    std::chrono::nanoseconds flush_delay{};
  };

  /// Writer and log outlive it.
  CollectdWriter(pipeline::BufferedWriter& writer, plugin::Log& log, Options options)
      : writer_(writer), log_(log), options_(std::move(options)) {}
  ~CollectdWriter();
  CollectdWriter(const CollectdWriter&) = delete;
  CollectdWriter& operator=(const CollectdWriter&) = delete;

  /// Any thread. Messages that are none are counted for the log, and left out.
  void take(std::string_view body);

  void start();
  /// Flushes a last time. Idempotent.
  void stop();

 private:
  void run();
  void flush();

  pipeline::BufferedWriter& writer_;
  plugin::Log& log_;
  const Options options_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::size_t faults_ = 0;
  std::string first_fault_;
  std::thread thread_;
};

}  // namespace gnocchi::amqp1d
