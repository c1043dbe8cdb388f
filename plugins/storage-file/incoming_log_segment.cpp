#include "incoming_log_segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "gnocchi/error.h"

namespace gnocchi::file {
namespace {

// A writer's frame is whole microseconds after its first byte; what looks wrong for this long, with
// more behind it, is damaged.
constexpr std::chrono::seconds kDamagedAfter{2};

bool only_zeros(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

LogSegment::LogSegment(int base, const std::string& name, std::uint32_t sack_count,
                       plugin::Log& log)
    : base_(base),
      path_(std::string(kLogDirectory) + '/' + name + kSegmentSuffix),
      ack_path_(std::string(kAckDirectory) + '/' + name + kAckSuffix),
      sack_count_(sack_count),
      log_(log) {}

bool LogSegment::open() {
  Descriptor fd = open_if_there(base_, path_, O_RDONLY);
  if (!fd) return false;
  std::string bytes(kSegmentHeaderBytes, '\0');
  bytes.resize(read_at(fd.get(), bytes.data(), bytes.size(), 0, path_));
  const auto header = decode_segment_header(bytes);
  if (!header) {
    log_.error("incoming log segment ignored, its header is damaged path=" + path_);
    foreign_ = closed_ = true;
    return true;
  }
  if (header->sack_count != sack_count_) {
    log_.error("incoming log segment not served, it was written for sacks=" +
               std::to_string(header->sack_count) + ", now sacks=" + std::to_string(sack_count_) +
               " path=" + path_);
    foreign_ = closed_ = true;
    return true;
  }
  salt_ = header->salt;
  acks_ = open_acks(O_RDWR);
  if (!acks_) {
    // Removed in the meantime, log first? Or its slots were never written?
    struct stat status {};
    if (::fstat(fd.get(), &status) < 0) fail("check", path_);
    if (status.st_nlink == 0) return false;
  }
  file_ = std::make_shared<const Descriptor>(std::move(fd));
  return refresh_acks();
}

Descriptor LogSegment::open_acks(int flags) const {
  Descriptor fd = open_at(base_, ack_path_, flags, kFileMode);
  if (!fd && errno != ENOENT) fail("open", ack_path_);
  return fd;
}

void LogSegment::scan(const Found& found) {
  if (closed_) return;
  // Asked before reading: a writer found dead cannot have added anything after what is read.
  const bool dead = try_lock(file_->get(), LockMode::shared, path_);
  struct stat status {};
  if (::fstat(file_->get(), &status) < 0) fail("read", path_);
  LogScanner scanner(file_->get(), path_, static_cast<std::uint64_t>(status.st_size), sack_count_,
                     salt_);
  while (take_frame(scanner, dead, found) || skip_damage(scanner, dead)) {
  }
  if (dead) {
    closed_ = true;
    file_.reset();
    acks_.reset();
  }
}

bool LogSegment::take_frame(LogScanner& scanner, bool dead, const Found& found) {
  const auto frame = scanner.frame_at(position_);
  if (!frame) return false;
  const std::uint64_t next = position_ + frame->total_bytes();
  std::uint64_t offset = position_ + frame->header_bytes();
  std::vector<bool> sound;
  for (const SectionHeader& section : frame->sections) {
    sound.push_back(scanner.section_is_sound(section, offset));
    offset += section.length;
  }
  if (std::find(sound.begin(), sound.end(), false) != sound.end()) {
    // A sound header and bytes that are not: in the making, if nothing follows.
    const bool followed = scanner.frame_at(next).has_value();
    if (!dead && !(followed && surely_damaged(scanner))) return false;
    note_damage(next, followed);
  }
  offset = position_ + frame->header_bytes();
  for (std::size_t i = 0; i < sound.size(); ++i) {
    if (sound[i]) add(*frame, i, offset, found);
    offset += frame->sections[i].length;
  }
  position_ = next;
  stuck_since_.reset();
  return true;
}

bool LogSegment::skip_damage(LogScanner& scanner, bool dead) {
  const bool something = scanner.has_bytes(position_);
  if (!dead && !something) return false;          // up to date
  if (scanner.frame_at(position_)) return false;  // judged by take_frame()
  const auto next = scanner.find_frame(position_ + kFrameAlignment);
  if (!next) {
    if (dead && something) note_damage(position_, false);
    return false;
  }
  if (!dead && !surely_damaged(scanner)) return false;
  note_damage(*next, true);
  position_ = *next;
  return true;
}

void LogSegment::add(const FrameHeader& frame, std::size_t section, std::uint64_t offset,
                     const Found& found) {
  const SectionHeader& header = frame.sections[section];
  const LogEntry entry{frame.time_ns, offset, header.length, header.bundles};
  const SackNumber sack{header.sack};
  const auto done = done_.find(sack);
  if (done != done_.end() && entry.end() <= done->second) return;
  pending_[sack].push_back(entry);
  found(sack);
}

bool LogSegment::surely_damaged(LogScanner& scanner) {
  const auto now = std::chrono::steady_clock::now();
  if (!stuck_since_) stuck_since_ = now;
  if (now - *stuck_since_ < kDamagedAfter) return false;
  // What was read before may be older than what was found behind it: the last look decides.
  if (rechecked_ == position_) return true;
  rechecked_ = position_;
  scanner.forget();
  return false;
}

void LogSegment::note_damage(std::uint64_t upto, bool followed) {
  stuck_since_.reset();
  if (!followed) {
    log_.warning(
        "incoming log ends within a frame, whose sender was not told that it was taken "
        "path=" +
        path_ + " offset=" + std::to_string(position_));
    return;
  }
  damaged_ = true;
  log_.error("incoming log damaged, measures lost path=" + path_ +
             " from=" + std::to_string(position_) + " to=" + std::to_string(upto));
}

bool LogSegment::refresh_acks() {
  if (foreign_) return true;
  Descriptor opened;
  if (!acks_) opened = open_acks(O_RDONLY);
  const int fd = acks_ ? acks_.get() : opened.get();
  if (fd < 0) {
    struct stat status {};
    if (::fstatat(base_, path_.c_str(), &status, 0) == 0) return true;  // nothing acknowledged yet
    if (errno != ENOENT) fail("check", path_);
    return false;
  }
  const std::string slots = read_whole(fd, ack_path_);
  for (std::uint32_t i = 0; i < sack_count_; ++i) {
    const std::uint64_t at = ack_slot_offset(SackNumber{i});
    if (at + kAckSlotBytes > slots.size()) break;
    const std::string_view slot = std::string_view(slots).substr(at, kAckSlotBytes);
    if (only_zeros(slot)) continue;
    drop_done(SackNumber{i}, decode_ack_slot(SackNumber{i}, slot));
  }
  return true;
}

void LogSegment::drop_done(SackNumber sack, std::uint64_t upto) {
  std::uint64_t& done = done_[sack];
  if (upto <= done) return;
  done = upto;
  const auto found = pending_.find(sack);
  if (found == pending_.end()) return;
  std::deque<LogEntry>& entries = found->second;
  while (!entries.empty() && entries.front().end() <= upto) entries.pop_front();
  if (entries.empty()) pending_.erase(found);
}

void LogSegment::acknowledge(SackNumber sack, std::uint64_t upto) {
  Descriptor opened;
  if (!acks_) {
    struct stat status {};
    if (::fstatat(base_, path_.c_str(), &status, 0) < 0) {
      if (errno != ENOENT) fail("check", path_);
      drop_done(sack, upto);  // all of it was done by others
      return;
    }
    opened = open_acks(O_RDWR | O_CREAT);
  }
  const int fd = acks_ ? acks_.get() : opened.get();
  std::string slot(kAckSlotBytes, '\0');
  slot.resize(read_at(fd, slot.data(), slot.size(), ack_slot_offset(sack), ack_path_));
  if (decode_ack_slot(sack, slot) < upto) {
    slot = encode_ack_slot(sack, upto);
    if (write_at(fd, slot, ack_slot_offset(sack)) != slot.size()) fail("write", ack_path_);
  }
  drop_done(sack, upto);
}

const std::deque<LogEntry>* LogSegment::pending(SackNumber sack) const {
  const auto found = pending_.find(sack);
  return found == pending_.end() ? nullptr : &found->second;
}

std::shared_ptr<const Descriptor> LogSegment::file() {
  if (file_) return file_;
  auto fd = std::make_shared<const Descriptor>(open_if_there(base_, path_, O_RDONLY));
  return *fd ? fd : nullptr;
}

void LogSegment::remove() {
  // The segment first: without its acknowledgements it would be served again.
  if (damaged_) {
    const std::string aside = path_ + ".damaged";
    if (::renameat(base_, path_.c_str(), base_, aside.c_str()) < 0 && errno != ENOENT) {
      fail("rename", path_);
    }
  } else if (::unlinkat(base_, path_.c_str(), 0) < 0 && errno != ENOENT) {
    fail("remove", path_);
  }
  if (::unlinkat(base_, ack_path_.c_str(), 0) < 0 && errno != ENOENT) fail("remove", ack_path_);
}

}  // namespace gnocchi::file
