#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "indexer-mysql/lock_connections.h"

namespace gnocchi::mysql {

/// Membership of a group, told by user locks alone; no table, nothing to clean up after a crash.
///
/// A group has 64 slots. A member claims a free one by the lock "<prefix>-<slot>-claim", spells its
/// id by holding "<prefix>-<slot>-<n>" for every bit n that is set (8 bits of length, then the
/// bytes), and last takes "<prefix>-<slot>-live". All locks are of one connection, and go with it.
/// Whoever reads the group asks which slots are live, and spells the ids of connections that it has
/// not seen there before. <prefix> is "gnocchi-" and a hash of database and group, since user locks
/// are the server's.
class GroupSlots {
 public:
  static constexpr int kSlots = 64;
  static constexpr std::size_t kLongestId = 120;

  GroupSlots(std::string_view database, std::string_view group);

  /// Claims a slot on this connection and returns it. Throws sql::SqlError, or Error if no slot is
  /// free.
  int enter(sql::Connection& connection, const std::string& id) const;

  /// Gives the place up at once; closing the connection alone may take the server a moment.
  void withdraw(sql::Connection& connection, int slot) const;

  /// The holders of live slots (connection ids), -1 for slots that are free.
  std::string live_query() const;
  /// The id that the holder of a slot has spelt; empty: it has gone.
  std::string spelt(sql::Connection& connection, int slot, std::int64_t holder) const;

 private:
  std::string name(int slot, const std::string& part) const;

  std::string prefix_;
};

}  // namespace gnocchi::mysql
