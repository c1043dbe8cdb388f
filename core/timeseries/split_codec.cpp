#include "core/timeseries/split_codec.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "core/timeseries/byte_reader.h"
#include "core/timeseries/lz4_block.h"
#include "gnocchi/error.h"

namespace gnocchi::timeseries {
namespace {

constexpr char kCompressedForm = 'c';
constexpr std::size_t kCellBytes = 1 + sizeof(double);
constexpr std::size_t kPackedPointBytes = sizeof(std::uint16_t) + sizeof(double);
constexpr std::size_t kMaxPoints = static_cast<std::size_t>(kPointsPerSplit);

[[noreturn]] void corrupt_split(const std::string& what) {
  throw Error(Error::Code::corrupt_data, "split: " + what);
}

std::size_t slot_of(const SplitGrid& grid, std::int64_t time) noexcept {
  return static_cast<std::size_t>((time - grid.start_ns) / grid.granularity_ns);
}

/// The slots of a split that lie in [start, stop).
struct SlotRange {
  std::int64_t first;
  std::int64_t end;
};

/// The first slot that is not before `time`.
std::int64_t slot_from(const SplitGrid& grid, std::int64_t time) noexcept {
  if (time <= grid.start_ns) return 0;
  const auto distance =
      static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(grid.start_ns);
  const std::uint64_t step = static_cast<std::uint64_t>(grid.granularity_ns);
  const std::uint64_t slot = distance / step + (distance % step != 0 ? 1 : 0);
  return static_cast<std::int64_t>(std::min<std::uint64_t>(slot, kMaxPoints));
}

SlotRange slots_between(const SplitGrid& grid, std::int64_t start_ns, std::int64_t stop_ns) {
  return {slot_from(grid, start_ns), slot_from(grid, stop_ns)};
}

/// The times of slots. Where the whole split lies within what 64 bits hold, which only splits at
/// the end of time do not, nothing can overflow and is looked after for each point.
class SlotTimes {
 public:
  explicit SlotTimes(const SplitGrid& grid) noexcept
      : grid_(grid),
        plain_(grid.start_ns >= 0 && next_split(grid.start_ns, grid.granularity_ns) != kLatest) {}

  /// call(time_of_slot): compiled for either case.
  template <typename Call>
  void with(Call call) const {
    const SplitGrid grid = grid_;
    if (plain_) {
      call([grid](std::int64_t slot) { return grid.start_ns + slot * grid.granularity_ns; });
    } else {
      call([grid](std::int64_t slot) {
        return saturating_add(grid.start_ns, saturating_multiply(slot, grid.granularity_ns));
      });
    }
  }

 private:
  SplitGrid grid_;
  bool plain_;
};

void decode_compressed(BytesView data, const SplitGrid& grid, const SlotRange& wanted,
                       Series& out) {
  const UnpackedBlock block = unpack_lz4_block(data, kMaxPoints * kPackedPointBytes);
  ByteReader reader(block.view());
  if (reader.remaining() % kPackedPointBytes != 0) {
    corrupt_split(std::to_string(reader.remaining()) + " bytes are no whole number of points");
  }
  const std::size_t n = reader.remaining() / kPackedPointBytes;
  std::array<std::uint16_t, kMaxPoints> steps;
  reader.read_column<std::uint16_t>(std::span(steps.data(), n));

  std::int64_t slot = 0;
  std::size_t first = n;  // of the points wanted
  std::size_t end = n;
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0 && steps[i] == 0)
      corrupt_split("offset of point " + std::to_string(i) + " does not ascend");
    slot += steps[i];
    if (slot >= kPointsPerSplit) {
      corrupt_split("offset " + std::to_string(slot) + " of point " + std::to_string(i) +
                    " leaves the split");
    }
    if (first == n && slot >= wanted.first) first = i;
    if (end == n && slot >= wanted.end) end = i;
    steps[i] = static_cast<std::uint16_t>(slot);
  }
  if (first >= end) return;
  const std::size_t at = out.size();
  out.times.resize(at + end - first);
  out.values.resize(at + end - first);
  SlotTimes(grid).with([&](auto time_of) {
    std::int64_t* times = out.times.data() + at;
    for (std::size_t i = first; i < end; ++i) *times++ = time_of(steps[i]);
  });
  reader.take(first * sizeof(double));
  reader.read_column<double>(std::span(out.values).subspan(at));
}

unsigned char flag_of(const char* cell) noexcept { return static_cast<unsigned char>(*cell); }

/// The flags of cells, those of all in one.
unsigned char all_flags(BytesView cells) noexcept {
  unsigned char flags = 0;
  for (std::size_t i = 0; i < cells.size(); i += kCellBytes) flags |= flag_of(&cells[i]);
  return flags;
}

/// How many bytes at the beginning are zeros, in whole blocks.
template <typename Block>
std::size_t zero_bytes(BytesView bytes) noexcept {
  std::size_t zeros = 0;
  for (Block block; zeros + sizeof block <= bytes.size(); zeros += sizeof block) {
    std::memcpy(&block, &bytes[zeros], sizeof block);
    std::uint64_t any = 0;
    for (const std::uint64_t word : block) any |= word;
    if (any != 0) break;
  }
  return zeros;
}

/// How many cells at the beginning are all zeros.
std::size_t empty_cells(BytesView cells) noexcept {
  const std::size_t zeros = zero_bytes<std::array<std::uint64_t, 8>>(cells);
  return (zeros + zero_bytes<std::array<std::uint64_t, 1>>(cells.substr(zeros))) / kCellBytes;
}

[[noreturn]] void corrupt_flag(BytesView cells) {
  std::size_t i = 0;
  while (flag_of(&cells[i * kCellBytes]) <= 1) ++i;
  corrupt_split("flag of cell " + std::to_string(i) + " is neither 0 nor 1");
}

void decode_padded(BytesView data, const SplitGrid& grid, const SlotRange& wanted, Series& out) {
  const std::size_t cells = data.size() / kCellBytes;
  if (data.size() % kCellBytes != 0 || cells > kMaxPoints) {
    corrupt_split(std::to_string(data.size()) + " bytes are no whole number of cells up to " +
                  std::to_string(kPointsPerSplit));
  }
  const std::size_t end = std::min(static_cast<std::size_t>(wanted.end), cells);
  std::size_t first = std::min(static_cast<std::size_t>(wanted.first), end);
  unsigned char flags =
      all_flags(data.substr(0, first * kCellBytes)) | all_flags(data.substr(end * kCellBytes));
  // Splits begin at round times, and series when they do.
  first += empty_cells(data.substr(first * kCellBytes, (end - first) * kCellBytes));
  // Each cell is copied, and kept only if it has a point: no branch, and one look at each.
  std::array<std::int64_t, kMaxPoints> times;
  std::array<double, kMaxPoints> values;
  std::size_t points = 0;
  SlotTimes(grid).with([&](auto time_of) {
    for (std::size_t slot = first; slot < end; ++slot) {
      const char* const cell = data.data() + slot * kCellBytes;
      times[points] = time_of(static_cast<std::int64_t>(slot));
      std::memcpy(&values[points], cell + 1, sizeof(double));
      flags |= flag_of(cell);
      points += flag_of(cell) & 1U;
    }
  });
  if (flags > 1) corrupt_flag(data);
  out.times.insert(out.times.end(), times.data(), times.data() + points);
  out.values.insert(out.values.end(), values.data(), values.data() + points);
}

/// Cells from `first_slot` to the last point's.
Bytes cells_from(std::size_t first_slot, const SplitGrid& grid, std::span<const std::int64_t> times,
                 std::span<const double> values) {
  Bytes data((slot_of(grid, times.back()) - first_slot + 1) * kCellBytes, '\0');
  for (std::size_t i = 0; i < times.size(); ++i) {
    char* cell = data.data() + (slot_of(grid, times[i]) - first_slot) * kCellBytes;
    *cell = 1;
    std::memcpy(cell + 1, &values[i], sizeof values[i]);
  }
  return data;
}

}  // namespace

Bytes encode_compressed(const SplitGrid& grid, std::span<const std::int64_t> times,
                        std::span<const double> values) {
  std::array<char, kMaxPoints * kPackedPointBytes> payload;
  char* at = payload.data();
  std::size_t before = 0;
  for (const std::int64_t time : times) {
    const std::size_t slot = slot_of(grid, time);
    const auto step = static_cast<std::uint16_t>(slot - before);
    std::memcpy(at, &step, sizeof step);
    at += sizeof step;
    before = slot;
  }
  std::memcpy(at, values.data(), values.size_bytes());
  Bytes out(1, kCompressedForm);
  append_lz4_block({payload.data(), times.size() * kPackedPointBytes}, out);
  return out;
}

PaddedCells encode_padded(const SplitGrid& grid, std::span<const std::int64_t> times,
                          std::span<const double> values) {
  const std::size_t first_slot = slot_of(grid, times.front());
  return {first_slot * kCellBytes, cells_from(first_slot, grid, times, values)};
}

Bytes encode_padded_whole(const SplitGrid& grid, std::span<const std::int64_t> times,
                          std::span<const double> values) {
  return cells_from(0, grid, times, values);
}

void decode_split(BytesView data, const SplitGrid& grid, Series& out, std::int64_t start_ns,
                  std::int64_t stop_ns) {
  if (data.empty()) return;
  const SlotRange wanted = slots_between(grid, start_ns, stop_ns);
  switch (data.front()) {
    case kCompressedForm: decode_compressed(data.substr(1), grid, wanted, out); return;
    case 0:
    case 1: decode_padded(data, grid, wanted, out); return;
    default:
      corrupt_split("first byte " + std::to_string(static_cast<unsigned char>(data.front())) +
                    " names no form");
  }
}

}  // namespace gnocchi::timeseries
