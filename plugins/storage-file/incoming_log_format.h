#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/incoming.h"
#include "gnocchi/types.h"

/// The bytes of the incoming log: segments, frames, sections, acknowledgements. Pure functions; the
/// format is told in docs/formats/incoming-log.md.
namespace gnocchi::file {

inline constexpr char kLogDirectory[] = "incoming-log";
/// Of its own, so that who listens for new measures does not hear acknowledgements.
inline constexpr char kAckDirectory[] = "incoming-log/ack";
inline constexpr char kSegmentSuffix[] = ".log";
inline constexpr char kDraftSuffix[] = ".new";
inline constexpr char kAckSuffix[] = ".ack";

inline constexpr std::size_t kSegmentHeaderBytes = 64;
inline constexpr std::size_t kFrameHeaderBytes = 24;
inline constexpr std::size_t kSectionHeaderBytes = 16;
inline constexpr std::size_t kBundleHeaderBytes = 20;
inline constexpr std::size_t kFrameAlignment = 8;
inline constexpr std::size_t kAckSlotBytes = 16;

/// What stands at the start of a segment.
struct SegmentHeader {
  std::uint32_t sack_count = 0;
  /// Random; goes into every checksum of a frame header, so that measures in a damaged place cannot
  /// pass for frames.
  std::uint32_t salt = 0;
};

std::string encode_segment_header(const SegmentHeader& header);
/// nullopt: not a segment of this format.
std::optional<SegmentHeader> decode_segment_header(std::string_view bytes);

/// A frame of all bundles, grouped by sack; time and header checksum are left to seal_frame(). The
/// bundles must come to less than 4 GiB.
std::string encode_frame(std::span<const Bundle> bundles, std::uint32_t sack_count);
void seal_frame(std::string& frame, std::uint64_t time_ns, std::uint32_t salt);

struct SectionHeader {
  std::uint32_t sack = 0;
  std::uint32_t bundles = 0;
  std::uint32_t length = 0;  ///< bytes
  std::uint32_t checksum = 0;
};

struct FrameHeader {
  std::uint64_t time_ns = 0;
  std::vector<SectionHeader> sections;
  std::uint64_t payload_bytes = 0;
  /// From the start of the frame to the first section.
  std::size_t header_bytes() const noexcept {
    return kFrameHeaderBytes + sections.size() * kSectionHeaderBytes;
  }
  /// From the start of the frame to the next one.
  std::uint64_t total_bytes() const noexcept;
};

/// How many bytes decode_frame_header() must see; nullopt: no frame starts here.
std::optional<std::size_t> frame_header_size(std::string_view first_bytes,
                                             std::uint32_t sack_count);
/// `bytes`: exactly as many as frame_header_size() said. nullopt: damaged.
std::optional<FrameHeader> decode_frame_header(std::string_view bytes, std::uint32_t salt);

/// The bundles of a section. Throws Error{corrupt_data} if its inner lengths do not fit.
std::vector<Bundle> decode_section(std::string_view section);

/// A slot of a segment's acknowledgement file: all of the sack's sections before the offset are
/// done.
std::string encode_ack_slot(SackNumber sack, std::uint64_t upto);
/// 0 for a slot never written, or damaged.
std::uint64_t decode_ack_slot(SackNumber sack, std::string_view bytes);
/// Where the sack's slot is in the file.
inline std::uint64_t ack_slot_offset(SackNumber sack) noexcept {
  return std::uint64_t{sack.value} * kAckSlotBytes;
}

}  // namespace gnocchi::file
