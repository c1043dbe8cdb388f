#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "core/stats/text.h"
#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::pipeline {

/// How much waits to be processed, by sack, as the incoming driver had it a moment ago. Any thread.
///
/// Asking the driver costs the more the more waits, so an answer, and a failure too, is kept for a
/// second at least and for twenty times what it took (up to a minute): looking takes a twentieth of
/// a thread at most, however often one is asked. Who asks meanwhile gets the last answer.
class Backlog {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  Backlog(IncomingDriver& incoming, plugin::Log& log, Clock clock = std::chrono::steady_clock::now)
      : incoming_(incoming), log_(log), clock_(std::move(clock)) {}

  /// Nothing is added while the driver fails.
  void describe(stats::Text& text);

 private:
  struct Pending {
    std::uint64_t metrics = 0;
    std::uint64_t bundles = 0;
  };
  using Sacks = std::shared_ptr<const std::vector<Pending>>;

  Sacks current();
  /// One entry per sack; null: not known.
  Sacks look() noexcept;

  IncomingDriver& incoming_;
  plugin::Log& log_;
  Clock clock_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point look_again_{};
  bool looking_ = false;
  Sacks sacks_;
};

}  // namespace gnocchi::pipeline
