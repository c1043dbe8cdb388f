#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "incoming_log_format.h"

namespace gnocchi::file {

/// Finds sound frames in a segment's file. Reads in few large pieces, however small the frames.
/// Holds what it has read until forget(). One thread.
class LogScanner {
 public:
  /// `fd` and `path` must outlive it; what lies behind `size` is not looked at.
  LogScanner(int fd, std::string_view path, std::uint64_t size, std::uint32_t sack_count,
             std::uint32_t salt);

  /// The header of a frame that is sound and wholly inside the file; its sections may be damaged.
  std::optional<FrameHeader> frame_at(std::uint64_t offset);
  bool section_is_sound(const SectionHeader& section, std::uint64_t offset);
  /// Whether anything but zeros stands there.
  bool has_bytes(std::uint64_t offset);
  /// The next place from `offset` on where frame_at() finds one.
  std::optional<std::uint64_t> find_frame(std::uint64_t offset);
  void forget() { bytes_.clear(); }

 private:
  /// `size` bytes, fewer at the end of the file. Valid until the next call.
  std::string_view bytes_at(std::uint64_t offset, std::size_t size);

  static constexpr std::size_t kFirstRead = 4096;  // enough where only the newest frames are new
  static constexpr std::size_t kLargestRead = 1U << 20;

  int fd_;
  std::string_view path_;
  std::uint64_t size_;
  std::uint32_t sack_count_;
  std::uint32_t salt_;
  std::uint64_t start_ = 0;  ///< where bytes_ are from
  std::string bytes_;
  std::size_t next_read_ = kFirstRead;
};

}  // namespace gnocchi::file
