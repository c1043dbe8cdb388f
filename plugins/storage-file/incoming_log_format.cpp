#include "incoming_log_format.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "crc32c.h"
#include "gnocchi/error.h"

namespace gnocchi::file {
namespace {

constexpr std::string_view kSegmentMagic = "GNOCLOG1";
constexpr std::uint32_t kFrameMagic = 0x4d415246;  // "FRAM"
constexpr std::size_t kUuidBytes = 16;

template <class T>
void put_at(std::string& to, std::size_t at, T value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    to[at + i] = static_cast<char>(value >> (8 * i) & 0xff);
  }
}

template <class T>
void put(std::string& to, T value) {
  to.append(sizeof value, '\0');
  put_at(to, to.size() - sizeof value, value);
}

/// The only way to read numbers here: never past the end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw Error(Error::Code::corrupt_data, "section cut short");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  template <class T>
  T number() {
    const std::string_view bytes = take(sizeof(T));
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value |= static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return value;
  }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// The bundles' positions, by sack, in their given order within one.
std::vector<std::pair<std::uint32_t, std::size_t>> by_sack(std::span<const Bundle> bundles,
                                                           std::uint32_t sack_count) {
  std::vector<std::pair<std::uint32_t, std::size_t>> order;
  order.reserve(bundles.size());
  for (std::size_t i = 0; i < bundles.size(); ++i) {
    order.emplace_back(sack_of(bundles[i].metric, sack_count).value, i);
  }
  std::sort(order.begin(), order.end());
  return order;
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string bytes(kSegmentMagic);
  put(bytes, header.sack_count);
  put(bytes, header.salt);
  put(bytes, crc32c(bytes));
  bytes.resize(kSegmentHeaderBytes, '\0');
  return bytes;
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes || !bytes.starts_with(kSegmentMagic)) return std::nullopt;
  Reader reader(bytes.substr(kSegmentMagic.size()));
  const auto sack_count = reader.number<std::uint32_t>();
  const auto salt = reader.number<std::uint32_t>();
  const std::size_t covered = kSegmentMagic.size() + sizeof sack_count + sizeof salt;
  if (reader.number<std::uint32_t>() != crc32c(bytes.substr(0, covered)) || sack_count == 0) {
    return std::nullopt;
  }
  return SegmentHeader{sack_count, salt};
}

std::string encode_frame(std::span<const Bundle> bundles, std::uint32_t sack_count) {
  const auto order = by_sack(bundles, sack_count);
  std::size_t sections = 0;
  std::size_t payload = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sections += i == 0 || order[i].first != order[i - 1].first;
    payload += kBundleHeaderBytes + bundles[i].data.size();
  }
  if (payload > std::numeric_limits<std::uint32_t>::max()) {
    throw Error(Error::Code::internal,
                "append: " + std::to_string(payload) + " bytes in one frame");
  }
  std::string frame;
  frame.reserve(kFrameHeaderBytes + sections * kSectionHeaderBytes + payload + kFrameAlignment);
  put(frame, kFrameMagic);
  put(frame, std::uint32_t{0});  // checksum and time: seal_frame()
  put(frame, std::uint64_t{0});
  put(frame, static_cast<std::uint32_t>(sections));
  put(frame, static_cast<std::uint32_t>(payload));
  std::size_t header_at = frame.size();
  frame.resize(frame.size() + sections * kSectionHeaderBytes, '\0');
  for (std::size_t i = 0; i < order.size();) {
    const std::uint32_t sack = order[i].first;
    const std::size_t start = frame.size();
    std::uint32_t count = 0;
    for (; i < order.size() && order[i].first == sack; ++i, ++count) {
      const Bundle& bundle = bundles[order[i].second];
      frame.append(reinterpret_cast<const char*>(bundle.metric.bytes.data()), kUuidBytes);
      put(frame, static_cast<std::uint32_t>(bundle.data.size()));
      frame += bundle.data;
    }
    const std::string_view section = std::string_view(frame).substr(start);
    const std::uint32_t fields[] = {sack, count, static_cast<std::uint32_t>(section.size()),
                                    crc32c(section)};
    for (const std::uint32_t field : fields) {
      put_at(frame, header_at, field);
      header_at += sizeof field;
    }
  }
  frame.resize((frame.size() + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment, '\0');
  return frame;
}

void seal_frame(std::string& frame, std::uint64_t time_ns, std::uint32_t salt) {
  constexpr std::size_t kChecksumAt = 4;
  constexpr std::size_t kCoveredFrom = 8;
  constexpr std::size_t kCountAt = 16;
  put_at(frame, kCoveredFrom, time_ns);
  const auto sections = Reader(std::string_view(frame).substr(kCountAt)).number<std::uint32_t>();
  const std::size_t covered = kFrameHeaderBytes - kCoveredFrom + sections * kSectionHeaderBytes;
  put_at(frame, kChecksumAt, crc32c(std::string_view(frame).substr(kCoveredFrom, covered), salt));
}

std::uint64_t FrameHeader::total_bytes() const noexcept {
  const std::uint64_t bytes = header_bytes() + payload_bytes;
  return (bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

std::optional<std::size_t> frame_header_size(std::string_view first_bytes,
                                             std::uint32_t sack_count) {
  if (first_bytes.size() < kFrameHeaderBytes) return std::nullopt;
  Reader reader(first_bytes);
  if (reader.number<std::uint32_t>() != kFrameMagic) return std::nullopt;
  reader.take(sizeof(std::uint32_t) + sizeof(std::uint64_t));
  const auto sections = reader.number<std::uint32_t>();
  if (sections > sack_count) return std::nullopt;
  return kFrameHeaderBytes + std::size_t{sections} * kSectionHeaderBytes;
}

std::optional<FrameHeader> decode_frame_header(std::string_view bytes, std::uint32_t salt) {
  constexpr std::size_t kCoveredFrom = 8;
  Reader reader(bytes);
  reader.take(sizeof(std::uint32_t));
  const auto checksum = reader.number<std::uint32_t>();
  if (checksum != crc32c(bytes.substr(kCoveredFrom), salt)) return std::nullopt;
  FrameHeader header;
  header.time_ns = reader.number<std::uint64_t>();
  const auto sections = reader.number<std::uint32_t>();
  header.payload_bytes = reader.number<std::uint32_t>();
  std::uint64_t lengths = 0;
  for (std::uint32_t i = 0; i < sections; ++i) {
    SectionHeader section;
    section.sack = reader.number<std::uint32_t>();
    section.bundles = reader.number<std::uint32_t>();
    section.length = reader.number<std::uint32_t>();
    section.checksum = reader.number<std::uint32_t>();
    lengths += section.length;
    header.sections.push_back(section);
  }
  if (lengths != header.payload_bytes) return std::nullopt;
  return header;
}

std::vector<Bundle> decode_section(std::string_view section) {
  std::vector<Bundle> bundles;
  for (Reader reader(section); !reader.at_end();) {
    Bundle& bundle = bundles.emplace_back();
    bundle.metric = MetricId(*Uuid::from_raw(reader.take(kUuidBytes)));
    bundle.data = reader.take(reader.number<std::uint32_t>());
  }
  return bundles;
}

std::string encode_ack_slot(SackNumber sack, std::uint64_t upto) {
  std::string slot;
  put(slot, upto);
  put(slot, sack.value);
  put(slot, crc32c(slot));
  return slot;
}

std::uint64_t decode_ack_slot(SackNumber sack, std::string_view bytes) {
  if (bytes.size() < kAckSlotBytes) return 0;
  Reader reader(bytes);
  const auto upto = reader.number<std::uint64_t>();
  const bool sound = reader.number<std::uint32_t>() == sack.value &&
                     reader.number<std::uint32_t>() == crc32c(bytes.substr(0, 12));
  return sound ? upto : 0;
}

}  // namespace gnocchi::file
