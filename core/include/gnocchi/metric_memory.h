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

  /// The value, not remembered any more; nullopt: there is none.
  std::optional<Value> take(const MetricId& metric) {
    const std::scoped_lock guard(mutex_);
    const auto found = places_.find(metric);
    if (found == places_.end()) return std::nullopt;
    return remove(found->second).value;
  }

  /// Calls use(value) and says true, if there is one. `use` must not come back here.
  template <class Use>
  bool look(const MetricId& metric, Use use) const {
    const std::scoped_lock guard(mutex_);
    const auto found = places_.find(metric);
    if (found == places_.end()) return false;
    use(std::as_const(entries_[found->second].value));
    return true;
  }

  /// In place of what was remembered. `heap_bytes`: what the value has outside of itself.
  void put(const MetricId& metric, Value value, std::size_t heap_bytes) {
    Entry entry{metric, std::move(value), sizeof(Entry) + kPlaceBytes + heap_bytes};
    const std::scoped_lock guard(mutex_);
    if (const auto found = places_.find(metric); found != places_.end()) remove(found->second);
    if (entry.bytes > max_bytes_) return;
    places_.emplace(metric, entries_.size());
    bytes_ += entry.bytes;
    entries_.push_back(std::move(entry));
    make_room();
  }

  struct Use {
    std::size_t bytes = 0;
    std::size_t values = 0;
  };
  Use use() const {
    const std::scoped_lock guard(mutex_);
    return {bytes_, entries_.size()};
  }

 private:
  struct Entry {
    MetricId metric;
    Value value;
    std::size_t bytes = 0;
  };
  /// A node of places_ and its bucket, and what the allocator adds to it and to a vector or two.
  static constexpr std::size_t kPlaceBytes = 96;

  Entry remove(std::size_t place) {
    if (place + 1 != entries_.size()) {
      std::swap(entries_[place], entries_.back());
      places_[entries_[place].metric] = place;
    }
    Entry entry = std::move(entries_.back());
    entries_.pop_back();
    places_.erase(entry.metric);
    bytes_ -= entry.bytes;
    return entry;
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
  std::size_t bytes_ = 0;
  std::deque<Entry> entries_;  ///< in no order
  std::unordered_map<MetricId, std::size_t> places_;
  std::uint64_t random_ = 1;
};

}  // namespace gnocchi
