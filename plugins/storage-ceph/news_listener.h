#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cluster.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/types.h"
#include "operation_counts.h"

namespace gnocchi::ceph {

/// Hears what NewsTeller tells, by a RADOS watch. Where the cluster refuses watches, that is logged
/// once and wait() merely sleeps. Any thread.
class NewsListener {
 public:
  /// What is given outlives the object. Watches nothing before the first wait().
  NewsListener(const Cluster& cluster, OperationCounts& counts, plugin::Log& log,
               std::string sender);
  NewsListener(const NewsListener&) = delete;
  NewsListener& operator=(const NewsListener&) = delete;
  /// Once the connection is closed, which may still bring news until then.
  ~NewsListener();

  /// Ends the listening, before the connection is closed. Nothing is called afterwards.
  void close() noexcept;

  struct News {
    std::vector<SackNumber> sacks;  ///< of those asked for
    bool missed = false;  ///< there may have been more; true once after it began to listen
  };
  /// Waits for news of the sacks, for wake() or for the time.
  News wait(std::span<const SackNumber> sacks, std::chrono::steady_clock::time_point until);
  void wake() noexcept;
  /// News from this process, which its own notifications leave out.
  void hear(std::span<const SackNumber> sacks);

 private:
  struct State;

  const std::shared_ptr<State> state_;
};

}  // namespace gnocchi::ceph
