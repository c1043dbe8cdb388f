#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "database.h"
#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"
#include "measure_codec.h"
#include "waiting_entries.h"

namespace gnocchi::rocks {

/// The measures that wait in a database, and what is known of them in memory: how many bundles wait
/// of which metric, which costs some 60 bytes for each metric that has any, and in which entries
/// there is something for which sack, 8 bytes each. Any thread.
///
/// An append gets a sequence number and writes one entry for each group of sacks it has bundles
/// for. Entries become visible in no certain order, so a batch ends before the oldest append that
/// is still being written: it is then all of the sack up to some number. Acknowledging it notes
/// that number down, and removes the entries that no other sack waits for.
class MeasureQueue {
 public:
  /// One driver instance's place in the news.
  struct Listener {
    std::vector<std::uint64_t> heard;  ///< of each sack
    std::uint64_t wakes = 0;
  };

  /// Reads what is waiting, if there is a layout.
  explicit MeasureQueue(Database& database);

  /// Throws Error{invalid_config} for a number that is out of range; keeps a layout that is there.
  void create(std::uint32_t sack_count);
  /// Throws Error{invalid_config} without a layout.
  std::uint32_t sack_count() const;
  /// Throws Error{unavailable} if anything waits.
  void change_sack_count(std::uint32_t sack_count);

  void append(std::span<const Bundle> bundles);
  SackBatch read_sack(SackNumber sack, std::size_t max_bytes, plugin::Log& log);
  void acknowledge(const SackBatch& batch);
  std::optional<std::vector<std::vector<Bytes>>> read_pending(std::span<const MetricId> metrics,
                                                              std::size_t max_bytes);
  IncomingReport report(bool details) const;
  std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks) const;

  std::vector<SackNumber> wait(Listener& listener, std::span<const SackNumber> sacks,
                               std::chrono::steady_clock::time_point until);
  void wake(Listener& listener) noexcept;

 private:
  struct Sack {
    std::unordered_map<MetricId, std::uint64_t> bundles;  ///< how many of each metric wait
    std::uint64_t total = 0;
    WaitingEntries entries;
    std::uint64_t removed = 0;  ///< all up to this sequence number is acknowledged
    std::uint64_t news = 0;     ///< the number of the last append
    bool told = false;          ///< listeners were woken for news that no batch was read since
  };
  /// What waits of some sack, to be read: in these entries, ascending.
  using Sequences = std::vector<std::uint64_t>;
  /// An entry's section for the sack, empty if it has none or was removed. False ends the walk.
  using TakeSection = std::function<bool(std::uint64_t sequence, BytesView section, bool sound)>;
  void walk(SackNumber sack, const Sequences& sequences, const TakeSection& take);

  void write_sack_count(std::uint32_t sack_count);
  void load();
  void load_removed();
  void load_entries();
  void list(std::uint64_t sequence, SackNumber sack, BytesView section);
  /// Whether a sack beside this one waits for the entry.
  bool others_wait(SackNumber sack, std::uint64_t sequence) const;
  Sack& sack_at(SackNumber sack);
  struct Append {
    std::uint64_t sequence = 0;
    std::uint32_t sack_count = 0;
  };
  /// Throws Error{invalid_config} without a layout.
  Append begin_append();
  void end_append(const Append& append, std::span<const Bundle> written);
  std::uint32_t count_sacks() const;  ///< under the mutex
  /// The first number that a batch must not hold, once what was appended before now is visible.
  std::uint64_t settled_end(std::unique_lock<std::mutex>& lock);

  Database& database_;
  mutable std::mutex mutex_;         ///< guards what follows
  std::condition_variable told_;     ///< a sack was, or a listener is to wake
  std::condition_variable settled_;  ///< an append has ended
  std::size_t settling_ = 0;         ///< threads that wait for that
  std::vector<Sack> sacks_;          ///< empty: there is no layout
  std::uint64_t next_sequence_ = 1;
  std::uint64_t newest_written_ = 0;
  std::vector<std::uint64_t> being_written_;  ///< ascending
  std::mutex acknowledging_;
};

}  // namespace gnocchi::rocks
