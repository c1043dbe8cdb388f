#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "digest.h"

namespace gnocchi::keystone {

/// Values by digest, each up to its time, and never more than about `capacity` of them: of each of
/// the shards two generations are kept, and what nobody has asked for since the last change of
/// generations goes. A hit takes a shared lock of one shard. Any thread.
template <class Value>
class BoundedCache {
 public:
  using Clock = std::chrono::steady_clock;

  explicit BoundedCache(std::size_t capacity) : half_(capacity / kShards / 2 + 1) {}

  std::optional<Value> find(const Digest& key) {
    Shard& shard = shard_of(key);
    {
      const std::shared_lock guard(shard.mutex);
      if (const auto found = shard.young.find(key); found != shard.young.end()) {
        return alive(found->second);
      }
      if (shard.old.empty()) return std::nullopt;
    }
    const std::scoped_lock guard(shard.mutex);
    const auto found = shard.old.find(key);
    if (found == shard.old.end()) return std::nullopt;
    auto value = alive(found->second);
    if (value) add(shard, key, std::move(found->second));
    return value;
  }

  void put(const Digest& key, Value value, Clock::time_point until) {
    Shard& shard = shard_of(key);
    const std::scoped_lock guard(shard.mutex);
    add(shard, key, Entry{std::move(value), until});
  }

  /// At most; a value may be in both generations. For tests.
  std::size_t size() {
    std::size_t count = 0;
    for (Shard& shard : shards_) {
      const std::shared_lock guard(shard.mutex);
      count += shard.young.size() + shard.old.size();
    }
    return count;
  }

 private:
  static constexpr std::size_t kShards = 16;  // more than threads that miss at one time

  struct Entry {
    Value value;
    Clock::time_point until;
  };
  using Map = std::unordered_map<Digest, Entry, DigestHash>;
  struct Shard {
    std::shared_mutex mutex;
    Map young, old;
  };

  Shard& shard_of(const Digest& key) { return shards_[key.bytes.back() % kShards]; }

  static std::optional<Value> alive(const Entry& entry) {
    if (entry.until <= Clock::now()) return std::nullopt;
    return entry.value;
  }

  void add(Shard& shard, const Digest& key, Entry entry) {
    shard.young.insert_or_assign(key, std::move(entry));
    if (shard.young.size() < half_) return;
    shard.old = std::move(shard.young);
    shard.young.clear();
  }

  const std::size_t half_;
  std::array<Shard, kShards> shards_;
};

}  // namespace gnocchi::keystone
