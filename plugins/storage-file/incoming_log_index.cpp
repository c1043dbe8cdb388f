#include "incoming_log_index.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "gnocchi/error.h"

namespace gnocchi::file {
namespace {

// Two changes of a directory within one tick of a coarse clock leave the same time on it.
constexpr std::int64_t kClockTick_ns = 50'000'000;
// Files in the making are named for moments only; older ones have lost their maker.
constexpr std::int64_t kLeftBehindAfter_s = 60;

timespec wall_clock() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool is_old(int base, const std::string& path) {
  struct stat status {};
  return ::fstatat(base, path.c_str(), &status, 0) == 0 &&
         wall_clock().tv_sec - status.st_mtim.tv_sec > kLeftBehindAfter_s;
}

std::string without_suffix(const std::string& name, std::string_view suffix) {
  return name.substr(0, name.size() - suffix.size());
}

}  // namespace

LogIndex::LogIndex(int base, std::uint32_t sack_count, plugin::Log& log)
    : base_(base), sack_count_(sack_count), log_(log) {}

void LogIndex::refresh(bool with_acks) {
  list_segments();
  for (auto it = segments_.begin(); it != segments_.end();) {
    LogSegment& segment = *it->second;
    segment.scan([&](SackNumber sack) { news_.insert(sack); });
    bool there = true;
    if (with_acks && !segment.all_pending().empty()) there = segment.refresh_acks();
    if (there && segment.consumed()) {
      segment.remove();
      there = false;
    }
    it = there ? std::next(it) : segments_.erase(it);
  }
}

void LogIndex::list_segments() {
  struct stat status {};
  if (::fstatat(base_, kLogDirectory, &status, 0) < 0) {
    if (errno == ENOENT) return;  // before upgrade(), or a store used by Python alone so far
    fail("list", kLogDirectory);
  }
  if (nanoseconds(status.st_mtim) == nanoseconds(listed_version_)) return;
  const bool settled = nanoseconds(wall_clock()) - nanoseconds(status.st_mtim) > kClockTick_ns;
  const auto names = list_directory(base_, kLogDirectory);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.ends_with(kSegmentSuffix)) continue;
    const std::string stem = without_suffix(name, kSegmentSuffix);
    if (segments_.contains(stem)) continue;
    auto segment = std::make_shared<LogSegment>(base_, stem, sack_count_, log_);
    if (segment->open()) segments_.emplace(stem, std::move(segment));
  }
  sweep_left_behind(*names);
  listed_version_ = settled ? status.st_mtim : timespec{};
}

void LogIndex::sweep_left_behind(const std::vector<std::string>& names) const {
  for (const std::string& name : names) {
    if (!name.ends_with(kDraftSuffix)) continue;
    const std::string path = std::string(kLogDirectory) + '/' + name;
    if (is_old(base_, path)) ::unlinkat(base_, path.c_str(), 0);
  }
  const auto acks = list_directory(base_, kAckDirectory);
  for (const std::string& name : acks.value_or(std::vector<std::string>{})) {
    const std::string stem = without_suffix(name, kAckSuffix);
    if (!name.ends_with(kAckSuffix) || segments_.contains(stem)) continue;
    const std::string path = std::string(kAckDirectory) + '/' + name;
    const std::string segment = std::string(kLogDirectory) + '/' + stem + kSegmentSuffix;
    if (is_old(base_, path) && ::faccessat(base_, segment.c_str(), F_OK, 0) < 0 &&
        errno == ENOENT) {
      ::unlinkat(base_, path.c_str(), 0);
    }
  }
}

std::vector<LogIndex::Section> LogIndex::take(SackNumber sack, std::size_t max_bytes, bool& more) {
  const std::scoped_lock guard(mutex_);
  refresh(false);
  news_.erase(sack);
  return select(sack, max_bytes, more);
}

std::optional<std::vector<LogIndex::Section>> LogIndex::look(std::span<const SackNumber> sacks,
                                                             std::size_t max_bytes) {
  std::vector<Section> sections;
  std::size_t bytes = 0;
  const std::scoped_lock guard(mutex_);
  refresh(false);
  refresh_acks_of(sacks);
  for (const auto& [name, segment] : segments_) {
    std::shared_ptr<const Descriptor> file;
    for (const SackNumber sack : sacks) {
      const auto* entries = segment->pending(sack);
      if (!entries) continue;
      if (!file) file = segment->file();
      if (!file) break;
      for (const LogEntry& entry : *entries) {
        bytes += entry.length;
        if (bytes > max_bytes) return std::nullopt;
        sections.push_back({file, segment, entry});
      }
    }
  }
  std::stable_sort(sections.begin(), sections.end(), [](const Section& a, const Section& b) {
    return a.entry.time_ns < b.entry.time_ns;
  });
  return sections;
}

/// Takes in what others have acknowledged of the segments in which one of the sacks is pending.
void LogIndex::refresh_acks_of(std::span<const SackNumber> sacks) {
  std::erase_if(segments_, [sacks](const auto& named) {
    LogSegment& segment = *named.second;
    const bool pending = std::any_of(sacks.begin(), sacks.end(), [&segment](SackNumber sack) {
      return segment.pending(sack) != nullptr;
    });
    return pending && !segment.refresh_acks();
  });
}

std::vector<LogIndex::Section> LogIndex::select(SackNumber sack, std::size_t max_bytes,
                                                bool& more) {
  std::vector<Section> sections;
  more = false;
  for (auto it = segments_.begin(); it != segments_.end();) {
    const auto& segment = it->second;
    if (segment->pending(sack) && !segment->refresh_acks()) {
      it = segments_.erase(it);
      continue;
    }
    const auto* entries = segment->pending(sack);
    const auto file = entries ? segment->file() : nullptr;
    std::size_t bytes = 0;
    for (std::size_t i = 0; file && i < entries->size(); ++i) {
      // What does not fit of one segment cannot fit in the end either.
      if (bytes > max_bytes) {
        more = true;
        break;
      }
      sections.push_back({file, segment, (*entries)[i]});
      bytes += (*entries)[i].length;
    }
    ++it;
  }
  std::stable_sort(sections.begin(), sections.end(), [](const Section& a, const Section& b) {
    return a.entry.time_ns < b.entry.time_ns;
  });
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    bytes += sections[i].entry.length;
    if (bytes > max_bytes && i > 0) {
      more = true;
      sections.erase(sections.begin() + static_cast<std::ptrdiff_t>(i), sections.end());
    }
  }
  return sections;
}

void LogIndex::acknowledge(SackNumber sack, std::span<const Section> sections) {
  std::map<std::shared_ptr<LogSegment>, std::uint64_t> upto;
  for (const Section& section : sections) {
    std::uint64_t& end = upto[section.segment];
    end = std::max(end, section.entry.end());
  }
  const std::scoped_lock guard(mutex_);
  for (const auto& [segment, end] : upto) segment->acknowledge(sack, end);
}

std::vector<SackNumber> LogIndex::with_pending(std::span<const SackNumber> sacks) {
  const std::scoped_lock guard(mutex_);
  refresh(true);
  std::vector<SackNumber> found;
  for (const SackNumber sack : sacks) {
    const bool pending = std::any_of(segments_.begin(), segments_.end(), [&](const auto& segment) {
      return segment.second->pending(sack) != nullptr;
    });
    if (pending) found.push_back(sack);
  }
  return found;
}

std::vector<SackNumber> LogIndex::take_news(std::span<const SackNumber> sacks) {
  const std::scoped_lock guard(mutex_);
  refresh(false);
  std::vector<SackNumber> found;
  for (const SackNumber sack : sacks) {
    if (news_.erase(sack) > 0) found.push_back(sack);
  }
  return found;
}

std::vector<Bundle> LogIndex::read(const Section& section) const {
  const std::string& path = section.segment->path();
  std::string bytes(section.entry.length, '\0');
  bytes.resize(
      read_at(section.file->get(), bytes.data(), bytes.size(), section.entry.offset, path));
  try {
    return decode_section(bytes);
  } catch (const Error& error) {
    log_.error("incoming log section skipped, measures lost: " + std::string(error.what()) +
               " path=" + path + " offset=" + std::to_string(section.entry.offset));
    return {};
  }
}

}  // namespace gnocchi::file
