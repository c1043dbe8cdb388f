#include "incoming_log_scanner.h"

#include <algorithm>

#include "crc32c.h"
#include "posix.h"

namespace gnocchi::file {

LogScanner::LogScanner(int fd, std::string_view path, std::uint64_t size, std::uint32_t sack_count,
                       std::uint32_t salt)
    : fd_(fd), path_(path), size_(size), sack_count_(sack_count), salt_(salt) {}

std::string_view LogScanner::bytes_at(std::uint64_t offset, std::size_t size) {
  if (offset >= size_) return {};
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset));
  if (offset < start_ || offset + size > start_ + bytes_.size()) {
    start_ = offset;
    bytes_.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max(size, next_read_), size_ - offset)));
    bytes_.resize(read_at(fd_, bytes_.data(), bytes_.size(), offset, path_));
    next_read_ = std::min(next_read_ * 4, kLargestRead);
  }
  return std::string_view(bytes_).substr(static_cast<std::size_t>(offset - start_), size);
}

std::optional<FrameHeader> LogScanner::frame_at(std::uint64_t offset) {
  const auto size = frame_header_size(bytes_at(offset, kFrameHeaderBytes), sack_count_);
  if (!size) return std::nullopt;
  const std::string_view bytes = bytes_at(offset, *size);
  if (bytes.size() < *size) return std::nullopt;
  auto frame = decode_frame_header(bytes, salt_);
  if (frame && offset + frame->total_bytes() > size_) return std::nullopt;
  return frame;
}

bool LogScanner::section_is_sound(const SectionHeader& section, std::uint64_t offset) {
  constexpr std::size_t kPiece = 256U << 10;
  std::uint32_t checksum = 0;
  for (std::size_t left = section.length; left > 0;) {
    const std::string_view piece = bytes_at(offset, std::min(left, kPiece));
    if (piece.empty()) return false;
    checksum = crc32c(piece, checksum);
    offset += piece.size();
    left -= piece.size();
  }
  return checksum == section.checksum;
}

bool LogScanner::has_bytes(std::uint64_t offset) {
  return bytes_at(offset, kFrameHeaderBytes).find_first_not_of('\0') != std::string_view::npos;
}

std::optional<std::uint64_t> LogScanner::find_frame(std::uint64_t offset) {
  for (; offset + kFrameHeaderBytes <= size_; offset += kFrameAlignment) {
    if (frame_at(offset)) return offset;
  }
  return std::nullopt;
}

}  // namespace gnocchi::file
