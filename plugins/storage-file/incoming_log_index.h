#pragma once

#include <cstdint>
#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "gnocchi/plugin/context.h"
#include "gnocchi/types.h"
#include "incoming_log_segment.h"

namespace gnocchi::file {

/// What this process knows of all segments of the incoming log, its own included. Memory: some
/// forty bytes per pending section. Any thread.
class LogIndex {
 public:
  /// A pending section; readable though its segment may be removed meanwhile.
  struct Section {
    std::shared_ptr<const Descriptor> file;
    std::shared_ptr<LogSegment> segment;
    LogEntry entry;
  };

  /// `base`: file_basepath, opened; it must stay open.
  LogIndex(int base, std::uint32_t sack_count, plugin::Log& log);

  /// The sack's pending sections of all segments by time, up to `max_bytes` (one at least), to be
  /// processed; `more` says whether that left any out. Takes in news and other processes'
  /// acknowledgements first.
  std::vector<Section> take(SackNumber sack, std::size_t max_bytes, bool& more);
  /// All pending sections of the sacks, of each by time, only to be looked at; nullopt: they are
  /// more than `max_bytes`. Where nothing is pending it costs a few calls of the system, however
  /// many the sacks.
  std::optional<std::vector<Section>> look(std::span<const SackNumber> sacks,
                                           std::size_t max_bytes);
  /// The sections, a prefix of what take() gave, are done.
  void acknowledge(SackNumber sack, std::span<const Section> sections);

  std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks);
  /// The sacks among `sacks` that got sections since they were last taken or told here.
  std::vector<SackNumber> take_news(std::span<const SackNumber> sacks);
  /// The section's bundles; empty, and logged, if it cannot be decoded.
  std::vector<Bundle> read(const Section& section) const;

 private:
  void refresh(bool with_acks);
  std::vector<Section> select(SackNumber sack, std::size_t max_bytes, bool& more);
  void refresh_acks_of(std::span<const SackNumber> sacks);
  void list_segments();
  void sweep_left_behind(const std::vector<std::string>& names) const;

  const int base_;
  const std::uint32_t sack_count_;
  plugin::Log& log_;
  std::mutex mutex_;                                             ///< guards all below
  std::map<std::string, std::shared_ptr<LogSegment>> segments_;  ///< by name, that is by age
  std::set<SackNumber> news_;
  timespec listed_version_{};  ///< the directory's change time when it was listed; 0: list it
};

}  // namespace gnocchi::file
