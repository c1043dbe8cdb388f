#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gnocchi/error.h"
#include "posix.h"

namespace gnocchi::file {

/// Appends frames to this process's own segment of the incoming log, which it keeps under an
/// exclusive flock as long as it may grow. Calls that come while another is writing are written
/// together by one of them, with one sync for all. Any thread.
class IncomingLogWriter {
 public:
  /// `base`: file_basepath, opened; it must stay open. No segment is made before the first append.
  IncomingLogWriter(int base, std::uint32_t sack_count, SyncMode sync_mode);
  ~IncomingLogWriter();

  /// `frame`: from encode_frame(). Durable, as far as the sync mode goes, when it returns. Throws
  /// Error{unavailable}, then (a failed sync apart) nothing of it is there.
  void append(std::string& frame);

 private:
  struct Waiter {
    std::string& frame;
    bool done = false;
    std::optional<Error> error{};
    std::condition_variable ready{};
  };
  struct Segment {
    Descriptor fd;
    std::string path;
    std::uint32_t salt = 0;
    std::uint64_t end = 0;       ///< of the last whole frame
    std::uint64_t reserved = 0;  ///< the file's size: `end` and zeros after it
  };

  void write_batch(std::span<Waiter* const> batch) noexcept;
  /// How many of the frames were written; on fewer than all errno says why.
  std::size_t write_frames(std::span<Waiter* const> batch);
  void open_segment();
  void close_segment() noexcept;
  void reserve(std::uint64_t bytes) noexcept;

  const int base_;
  const std::uint32_t sack_count_;
  const SyncMode sync_mode_;
  std::mutex mutex_;           ///< guards queue_
  std::deque<Waiter*> queue_;  ///< the first one writes
  // Of the thread that writes:
  std::optional<Segment> segment_;
  std::uint64_t last_time_ns_ = 0;
};

}  // namespace gnocchi::file
