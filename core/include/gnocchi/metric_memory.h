#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "gnocchi/types.h"

namespace gnocchi {

/// What is remembered of metrics, a value each, within a bound of memory.
///
/// Who takes a value has it alone, and puts another one back once that holds; so what did not come
/// about, for whatever reason, is not remembered. Where there is no room, any other value goes.
/// (Most metrics come in turns; where they do not all fit, dropping the one that was not used for
/// longest would drop each of them just before its turn.)
///
/// Any thread.
template <class Value>
class MetricMemory {
 public:
  /// 0: nothing is remembered.
  explicit MetricMemory(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Drops what does not fit.
  void set_max_bytes(std::size_t max_bytes) {
    const std::scoped_lock guard(mutex_);
    max_bytes_ = max_bytes;
    make_room();
  }

  /// The value, not remembered any more; nullopt: there is none. Its place is kept for the next.
  std::optional<Value> take(const MetricId& metric) {
    const std::scoped_lock guard(mutex_);
    const auto found = places_.find(metric);
    return found == places_.end() ? std::nullopt : vacate(entries_[found->second]);
  }

  /// Calls use(value) and says true, if there is one. `use` must not come back here.
  template <class Use>
  bool look(const MetricId& metric, Use use) const {
    const std::scoped_lock guard(mutex_);
    const auto found = places_.find(metric);
    if (found == places_.end() || !entries_[found->second].value) return false;
    use(std::as_const(*entries_[found->second].value));
    return true;
  }

  /// In place of what was remembered. `heap_bytes`: what the value has outside of itself.
  void put(const MetricId& metric, Value value, std::size_t heap_bytes) {
    const std::scoped_lock guard(mutex_);
    const auto [found, is_new] = places_.try_emplace(metric, entries_.size());
    const std::size_t place = found->second;
    if (is_new) {
      entries_.push_back({metric, std::nullopt, 0});
      bytes_ += kEntryBytes;
    } else {
      vacate(entries_[place]);
    }
    if (kEntryBytes + heap_bytes > max_bytes_) {
      remove(place);
      return;
    }
    fill(entries_[place], std::move(value), heap_bytes);
    make_room();
  }

  struct Use {
    std::size_t bytes = 0;
    std::size_t values = 0;
  };
  Use use() const {
    const std::scoped_lock guard(mutex_);
    return {bytes_, values_};
  }

 private:
  struct Entry {
    MetricId metric;
    std::optional<Value> value;  ///< nullopt: taken, and nothing put back yet
    std::size_t heap_bytes = 0;
  };
  /// An entry, and what it costs elsewhere: a node of places_ and its bucket, and what the
  /// allocator adds to it and to a vector or two.
  static constexpr std::size_t kEntryBytes = sizeof(Entry) + 96;

  void fill(Entry& entry, Value value, std::size_t heap_bytes) {
    entry.value = std::move(value);
    entry.heap_bytes = heap_bytes;
    bytes_ += heap_bytes;
    ++values_;
  }
  std::optional<Value> vacate(Entry& entry) {
    if (!entry.value) return std::nullopt;
    bytes_ -= std::exchange(entry.heap_bytes, 0);
    --values_;
    return std::exchange(entry.value, std::nullopt);
  }
  void remove(std::size_t place) {
    vacate(entries_[place]);
    places_.erase(entries_[place].metric);
    if (place + 1 != entries_.size()) {
      entries_[place] = std::move(entries_.back());
      places_[entries_[place].metric] = place;
    }
    entries_.pop_back();
    bytes_ -= kEntryBytes;
  }
  void make_room() {
    while (bytes_ > max_bytes_) remove(random() % entries_.size());
  }
  /// Knuth's linear congruential generator (MMIX), of which the upper bits are good; <random> is
  /// a tenth of what a source costs to compile.
  std::size_t random() {
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;
    return random_ >> 33;
  }

  mutable std::mutex mutex_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;      ///< of all entries, those without a value too
  std::size_t values_ = 0;     ///< that there are
  std::deque<Entry> entries_;  ///< in no order
  std::unordered_map<MetricId, std::size_t> places_;
  std::uint64_t random_ = 1;
};

}  // namespace gnocchi
