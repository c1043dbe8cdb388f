#include "incoming_log_writer.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstring>
#include <ctime>
#include <exception>

#include "gnocchi/types.h"
#include "incoming_log_format.h"

namespace gnocchi::file {
namespace {

// Large enough that making segments costs nothing, small enough that space comes back soon.
constexpr std::uint64_t kSegmentBytes = 32U << 20;
// Writing within the file's size instead of extending it saves a quarter of each small fdatasync.
constexpr std::uint64_t kReserveBytes = 1U << 20;

std::uint64_t wall_clock_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

/// "20260131T235959.123456789Z-1f2e3d4c": sorts by time, and no two are the same.
std::string new_segment_name(const Uuid& random) {
  const std::uint64_t now_ns = wall_clock_ns();
  const auto seconds = static_cast<std::time_t>(now_ns / 1'000'000'000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%dT%H%M%S", &utc);
  std::string nanoseconds = std::to_string(now_ns % 1'000'000'000);
  nanoseconds.insert(0, 9 - nanoseconds.size(), '0');
  return text + ("." + nanoseconds) + "Z-" + random.to_string().substr(0, 8);
}

void sync_directory(int base, const std::string& path) {
  const Descriptor directory = open_at(base, path, O_RDONLY | O_DIRECTORY);
  if (!directory || ::fsync(directory.get()) < 0) fail("sync", path);
}

/// Writes all of the frames one after the other at `offset`; returns the number of bytes written.
std::uint64_t write_vectors(int fd, std::vector<iovec>& pieces, std::uint64_t offset) {
  std::uint64_t written = 0;
  for (std::size_t first = 0; first < pieces.size();) {
    const auto count = static_cast<int>(std::min<std::size_t>(pieces.size() - first, IOV_MAX));
    const ssize_t n =
        ::pwritev(fd, pieces.data() + first, count, static_cast<off_t>(offset + written));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    written += static_cast<std::uint64_t>(n);
    for (auto left = static_cast<std::size_t>(n); first < pieces.size();) {
      iovec& piece = pieces[first];
      const std::size_t taken = std::min(left, piece.iov_len);
      piece.iov_base = static_cast<char*>(piece.iov_base) + taken;
      piece.iov_len -= taken;
      left -= taken;
      if (piece.iov_len > 0) break;
      ++first;
    }
  }
  return written;
}

}  // namespace

IncomingLogWriter::IncomingLogWriter(int base, std::uint32_t sack_count, SyncMode sync_mode)
    : base_(base), sack_count_(sack_count), sync_mode_(sync_mode) {}

IncomingLogWriter::~IncomingLogWriter() { close_segment(); }

void IncomingLogWriter::append(std::string& frame) {
  std::shared_ptr<Batch> batch;
  std::size_t place = 0;
  {
    const std::scoped_lock guard(mutex_);
    if (!gathering_) gathering_ = std::make_shared<Batch>();
    batch = gathering_;
    place = batch->entries.size();
    batch->entries.push_back({frame});
  }
  if (place == 0) {
    write_in_turn(*batch);
    // One call wakes all of them, and none of them then waits for a lock.
    set_and_wake(batch->done);
  } else {
    wait_until_set(batch->done);
  }
  if (const auto& error = batch->entries[place].error) throw Error(*error);
}

void IncomingLogWriter::write_in_turn(Batch& batch) noexcept {
  const std::scoped_lock turn(writing_);
  {
    const std::scoped_lock guard(mutex_);
    gathering_ = nullptr;
  }
  write_batch(batch.entries);
}

void IncomingLogWriter::write_batch(std::span<Entry> batch) noexcept {
  std::size_t kept = 0;
  try {
    if (segment_ && segment_->end >= kSegmentBytes) close_segment();
    if (!segment_) open_segment();
    const std::string path = segment_->path;
    const std::size_t written = write_frames(batch);
    const int write_error = errno;
    if (sync_mode_ == SyncMode::commit && written > 0 && ::fdatasync(segment_->fd.get()) < 0) {
      const int error = errno;
      segment_.reset();  // what of it is on the disk is not known any more; a new one is
      fail("sync", path, error);
    }
    kept = written;
    if (written < batch.size()) fail("append to", path, write_error);
  } catch (const Error& error) {
    for (Entry& entry : batch.subspan(kept)) entry.error = error;
  } catch (const std::exception& error) {
    for (Entry& entry : batch.subspan(kept)) {
      entry.error = Error(Error::Code::internal, error.what());
    }
  }
}

std::size_t IncomingLogWriter::write_frames(std::span<const Entry> batch) {
  Segment& segment = *segment_;
  const std::uint64_t time_ns = std::max(last_time_ns_ + 1, wall_clock_ns());
  std::vector<iovec> pieces;
  pieces.reserve(batch.size());
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::string& frame = batch[i].frame;
    seal_frame(frame, time_ns + i, segment.salt);
    pieces.push_back({frame.data(), frame.size()});
    bytes += frame.size();
  }
  last_time_ns_ = time_ns + batch.size();
  reserve(bytes);
  std::uint64_t written = write_vectors(segment.fd.get(), pieces, segment.end);
  const int error = errno;
  std::size_t whole = 0;
  for (; whole < batch.size() && batch[whole].frame.size() <= written; ++whole) {
    written -= batch[whole].frame.size();
    segment.end += batch[whole].frame.size();
  }
  if (whole < batch.size()) {
    // No reader has taken the frame that is not whole; its place is used again.
    segment.reserved = segment.end;
    if (::ftruncate(segment.fd.get(), static_cast<off_t>(segment.end)) < 0) {
      const std::string path = segment.path;
      segment_.reset();
      fail("append to", path, error);
    }
  }
  errno = error;
  return whole;
}

void IncomingLogWriter::reserve(std::uint64_t bytes) noexcept {
  Segment& segment = *segment_;
  if (sync_mode_ == SyncMode::off || segment.end + bytes <= segment.reserved) return;
  const std::uint64_t upto = segment.end + bytes + kReserveBytes;
  // An advantage, no need: a nearly full disk or another file system may refuse.
  if (::fallocate(segment.fd.get(), 0, static_cast<off_t>(segment.reserved),
                  static_cast<off_t>(upto - segment.reserved)) == 0) {
    segment.reserved = upto;
  }
}

void IncomingLogWriter::open_segment() {
  const Uuid random = Uuid::random();
  const std::string name = new_segment_name(random);
  Segment segment;
  segment.path = std::string(kLogDirectory) + '/' + name + kSegmentSuffix;
  std::memcpy(&segment.salt, random.bytes.data() + 8, sizeof segment.salt);
  const std::string draft = std::string(kLogDirectory) + '/' + name + kDraftSuffix;
  const std::string ack = std::string(kAckDirectory) + '/' + name + kAckSuffix;
  try {
    segment.fd = open_at(base_, draft, O_RDWR | O_CREAT | O_EXCL, kFileMode);
    if (!segment.fd) fail("create", draft);
    // Locked before it gets its name: what has a name and no lock is finished.
    lock(segment.fd.get(), LockMode::exclusive, draft);
    const std::string header = encode_segment_header({sack_count_, segment.salt});
    if (write_at(segment.fd.get(), header, 0) != header.size()) fail("create", draft);
    segment.end = segment.reserved = header.size();
    // With its full size from the start, so that acknowledging frees a full disk.
    const Descriptor slots = open_at(base_, ack, O_RDWR | O_CREAT | O_EXCL, kFileMode);
    const std::string no_slots(std::size_t{sack_count_} * kAckSlotBytes, '\0');
    if (!slots || write_at(slots.get(), no_slots, 0) != no_slots.size()) fail("create", ack);
    if (sync_mode_ == SyncMode::commit) {
      if (::fsync(slots.get()) < 0 || ::fsync(segment.fd.get()) < 0) fail("sync", draft);
      sync_directory(base_, kAckDirectory);
    }
    if (::renameat(base_, draft.c_str(), base_, segment.path.c_str()) < 0) fail("create", draft);
    if (sync_mode_ == SyncMode::commit) sync_directory(base_, kLogDirectory);
  } catch (const Error&) {
    for (const std::string& path : {draft, segment.path, ack}) ::unlinkat(base_, path.c_str(), 0);
    throw;
  }
  segment_ = std::move(segment);
}

void IncomingLogWriter::close_segment() noexcept {
  if (!segment_) return;
  if (segment_->reserved > segment_->end) {
    // The zeros at the end do no harm if they stay.
    static_cast<void>(::ftruncate(segment_->fd.get(), static_cast<off_t>(segment_->end)));
  }
  segment_.reset();
}

}  // namespace gnocchi::file
