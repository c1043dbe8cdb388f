#include "indexer-mysql/lock_membership.h"

#include <functional>

#include "gnocchi/error.h"

namespace gnocchi::mysql {
namespace {

constexpr std::size_t kLengthBits = 8;

/// 64-bit FNV-1a: the same in every process and release.
std::uint64_t hash_of(std::string_view text, std::uint64_t hash = 0xcbf29ce484222325ULL) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return hash;
}

std::string hex(std::uint64_t value) {
  std::string out(16, '0');
  for (std::size_t i = out.size(); i-- > 0; value >>= 4U) out[i] = "0123456789abcdef"[value & 15U];
  return out;
}

/// Rows of one integer each, in order.
std::string rows(std::size_t first, std::size_t count,
                 const std::function<std::string(std::size_t)>& expression) {
  std::string query;
  for (std::size_t i = first; i < first + count; ++i) {
    query += (query.empty() ? "SELECT " : " UNION ALL SELECT ") + expression(i);
  }
  return query;
}

bool bit(const std::string& bytes, std::size_t n) {
  return (static_cast<unsigned char>(bytes[n / 8]) >> (n % 8) & 1U) != 0;
}

}  // namespace

GroupSlots::GroupSlots(std::string_view database, std::string_view group)
    : prefix_("gnocchi-" + hex(hash_of(group, hash_of("/", hash_of(database))))) {}

std::string GroupSlots::name(int slot, const std::string& part) const {
  return "'" + prefix_ + "-" + std::to_string(slot) + "-" + part + "'";
}

int GroupSlots::enter(sql::Connection& connection, const std::string& id) const {
  if (id.size() > kLongestId) {
    throw Error(Error::Code::internal, "coordinator: the member's id is longer than " +
                                           std::to_string(kLongestId) + " bytes: " + id);
  }
  const std::string spelling = std::string(1, static_cast<char>(id.size())) + id;
  const int first = static_cast<int>(hash_of(id) % kSlots);
  for (int i = 0; i < kSlots; ++i) {
    const int slot = (first + i) % kSlots;
    if (ask(connection, "SELECT GET_LOCK(" + name(slot, "claim") + ", 0)").at(0) != 1) continue;
    std::string letters;
    std::int64_t count = 0;
    for (std::size_t n = 0; n < spelling.size() * 8; ++n) {
      if (!bit(spelling, n)) continue;
      letters += " + GET_LOCK(" + name(slot, std::to_string(n)) + ", 0)";
      ++count;
    }
    if (ask(connection, "SELECT 0" + letters).at(0) == count &&
        ask(connection, "SELECT GET_LOCK(" + name(slot, "live") + ", 0)").at(0) == 1) {
      return slot;
    }
    // What a dying connection still holds. Locks taken so far do no harm without "live".
  }
  throw Error(Error::Code::unavailable,
              "coordinator: all " + std::to_string(kSlots) + " places in the group are taken");
}

void GroupSlots::withdraw(sql::Connection& connection, int slot) const {
  ask(connection, "SELECT RELEASE_LOCK(" + name(slot, "live") + ")");
}

std::string GroupSlots::live_query() const {
  return rows(0, kSlots, [&](std::size_t slot) {
    return "IS_USED_LOCK(" + name(static_cast<int>(slot), "live") + ")";
  });
}

std::string GroupSlots::spelt(sql::Connection& connection, int slot, std::int64_t holder) const {
  const auto read = [&](std::size_t first, std::size_t count) {
    const auto holders = ask(connection, rows(first, count, [&](std::size_t n) {
                               return "IS_USED_LOCK(" + name(slot, std::to_string(n)) + ")";
                             }));
    std::string bytes(count / 8, '\0');
    for (std::size_t n = 0; n < holders.size(); ++n) {
      if (holders[n] == holder) {
        bytes[n / 8] = static_cast<char>(static_cast<unsigned char>(bytes[n / 8]) | 1U << (n % 8));
      }
    }
    return bytes;
  };
  const auto length = static_cast<unsigned char>(read(0, kLengthBits)[0]);
  if (length == 0 || length > kLongestId) return {};
  const std::string id = read(kLengthBits, std::size_t{length} * 8);
  // Still there? Then nothing was let go while it was read.
  const auto now = ask(connection, "SELECT IS_USED_LOCK(" + name(slot, "live") + ")");
  return now.at(0) == holder ? id : std::string();
}

}  // namespace gnocchi::mysql
