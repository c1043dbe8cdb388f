#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "gnocchi/plugin/context.h"
#include "gnocchi/types.h"
#include "incoming_log_format.h"
#include "incoming_log_scanner.h"
#include "posix.h"

namespace gnocchi::file {

/// Where a section is in its segment.
struct LogEntry {
  std::uint64_t time_ns = 0;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::uint32_t bundles = 0;
  std::uint64_t end() const noexcept { return offset + length; }
};

/// A reader's view of one segment: which sections are pending, by sack. Reads every byte once;
/// keeps positions only. Not thread-safe.
class LogSegment {
 public:
  using Found = std::function<void(SackNumber)>;

  /// `base`: file_basepath, opened. `name`: without the suffix.
  LogSegment(int base, const std::string& name, std::uint32_t sack_count, plugin::Log& log);

  /// Reads the header and the acknowledgements. False: the segment is gone, or not one of ours.
  [[nodiscard]] bool open();
  /// Takes in the frames added since the last time, and tells the sacks that got any.
  void scan(const Found& found);
  /// Takes in what other processes have acknowledged. False: the segment is gone, all of it done.
  [[nodiscard]] bool refresh_acks();

  /// All of the sack's sections before `upto` are done.
  void acknowledge(SackNumber sack, std::uint64_t upto);
  /// The sack's pending sections, oldest first; null: none.
  const std::deque<LogEntry>* pending(SackNumber sack) const;
  const std::unordered_map<SackNumber, std::deque<LogEntry>>& all_pending() const {
    return pending_;
  }
  /// The segment's file, which stays readable as long as this is kept; null: gone.
  std::shared_ptr<const Descriptor> file();

  /// Its writer has closed it or is dead, and nothing in it is pending.
  bool consumed() const noexcept { return closed_ && !foreign_ && pending_.empty(); }
  /// Removes a consumed segment; one with damage is kept aside under another name.
  void remove();

  const std::string& path() const noexcept { return path_; }

 private:
  Descriptor open_acks(int flags) const;
  void drop_done(SackNumber sack, std::uint64_t upto);
  void add(const FrameHeader& frame, std::size_t section, std::uint64_t offset, const Found& found);
  bool take_frame(LogScanner& scanner, bool dead, const Found& found);
  bool skip_damage(LogScanner& scanner, bool dead);
  /// Whether the bytes at position_ have looked wrong for so long that they are not in the making.
  bool surely_damaged(LogScanner& scanner);
  void note_damage(std::uint64_t upto, bool followed);

  const int base_;
  const std::string path_;
  const std::string ack_path_;
  const std::uint32_t sack_count_;
  plugin::Log& log_;
  std::uint32_t salt_ = 0;
  bool foreign_ = false;  ///< written for another number of sacks: neither served nor removed
  bool closed_ = false;
  bool damaged_ = false;
  std::uint64_t position_ = kSegmentHeaderBytes;  ///< up to here it is read
  std::optional<std::chrono::steady_clock::time_point> stuck_since_;
  std::uint64_t rechecked_ = 0;  ///< the position that surely_damaged() asked to look at again
  std::shared_ptr<const Descriptor> file_;  ///< kept open while the segment may grow
  Descriptor acks_;                         ///< likewise
  std::unordered_map<SackNumber, std::deque<LogEntry>> pending_;  ///< no empty queues
  std::unordered_map<SackNumber, std::uint64_t> done_;            ///< the offsets acknowledged
};

}  // namespace gnocchi::file
