#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gnocchi/error.h"
#include "posix.h"

namespace gnocchi::file {

/// Appends frames to this process's own segment of the incoming log, which it keeps under an
/// exclusive flock as long as it may grow. Calls that come while a batch is being written make the
/// next one; the first of them writes it for all, with one sync. Any thread.
class IncomingLogWriter {
 public:
  /// `base`: file_basepath, opened; it must stay open. No segment is made before the first append.
  IncomingLogWriter(int base, std::uint32_t sack_count, SyncMode sync_mode);
  ~IncomingLogWriter();

  /// `frame`: from encode_frame(). Durable, as far as the sync mode goes, when it returns. Throws
  /// Error{unavailable}, then (a failed sync apart) nothing of it is there.
  void append(std::string& frame);

 private:
  /// A frame, and what became of it.
  struct Entry {
    std::string& frame;
    std::optional<Error> error{};
  };
  struct Batch {
    std::vector<Entry> entries;
    std::atomic<std::uint32_t> done = 0;
  };
  struct Segment {
    Descriptor fd;
    std::string path;
    std::uint32_t salt = 0;
    std::uint64_t end = 0;       ///< of the last whole frame
    std::uint64_t reserved = 0;  ///< the file's size: `end` and zeros after it
  };

  /// Waits until the batch before is written, and lets no more entries into this one.
  void write_in_turn(Batch& batch) noexcept;
  void write_batch(std::span<Entry> batch) noexcept;
  /// How many of the frames were written; on fewer than all errno says why.
  std::size_t write_frames(std::span<const Entry> batch);
  void open_segment();
  void close_segment() noexcept;
  void reserve(std::uint64_t bytes) noexcept;

  const int base_;
  const std::uint32_t sack_count_;
  const SyncMode sync_mode_;
  std::mutex mutex_;                  ///< guards gathering_
  std::shared_ptr<Batch> gathering_;  ///< takes entries until its first one may write
  std::mutex writing_;                ///< the writer's; guards what follows
  std::optional<Segment> segment_;
  std::uint64_t last_time_ns_ = 0;
};

}  // namespace gnocchi::file
