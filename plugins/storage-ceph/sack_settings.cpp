#include "sack_settings.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

#include "news_format.h"

namespace gnocchi::ceph {
namespace {

constexpr char kSettingsObject[] = "gnocchi-config";
constexpr std::string_view kSacksKey = "\"sacks\"";
constexpr std::size_t kMostBytes = 4096;

/// The number behind "sacks":, wherever in the object it stands; 0: none.
std::uint32_t sacks_in(std::string_view json) {
  std::size_t at = json.find(kSacksKey);
  if (at == std::string_view::npos) return 0;
  at = json.find_first_not_of(" \t\r\n:", at + kSacksKey.size());
  if (at == std::string_view::npos) return 0;
  std::uint32_t count = 0;
  std::from_chars(json.data() + at, json.data() + json.size(), count);
  return count;
}

}  // namespace

void check_sack_count(std::uint32_t sack_count) {
  if (sack_count >= 1 && sack_count <= kMostSacks) return;
  throw Error(Error::Code::invalid_config,
              std::to_string(sack_count) + " sacks: not in 1.." + std::to_string(kMostSacks));
}

std::optional<std::uint32_t> read_sack_count(const Cluster& cluster, OperationCounts& counts) {
  std::array<char, kMostBytes> buffer{};
  std::size_t filled = 0;
  int read_result = 0;
  std::optional<std::uint32_t> found;
  const ReadOp op = read_op();
  rados_read_op_read(op.get(), 0, buffer.size(), buffer.data(), &filled, &read_result);
  Flight flight(cluster, counts);
  flight.read(Operation::read, kSettingsObject, op, [&](int result, std::uint64_t) {
    if (result == -ENOENT) return;
    if (result < 0) throw cluster.error(std::string("read ") + kSettingsObject, result);
    found = sacks_in({buffer.data(), filled});
  });
  flight.land();
  if (found && (*found < 1 || *found > kMostSacks)) {
    throw Error(Error::Code::corrupt_data,
                std::string(kSettingsObject) + " in pool " + cluster.options().pool +
                    " names no number of sacks: " + std::string(buffer.data(), filled));
  }
  return found;
}

void write_sack_count(const Cluster& cluster, OperationCounts& counts, std::uint32_t sack_count,
                      Existing existing) {
  const std::string text = '{' + std::string(kSacksKey) + ": " + std::to_string(sack_count) + '}';
  const WriteOp op = write_op();
  if (existing == Existing::keep) {
    rados_write_op_create(op.get(), LIBRADOS_CREATE_EXCLUSIVE, nullptr);
  }
  rados_write_op_write_full(op.get(), text.data(), text.size());
  Flight flight(cluster, counts);
  flight.write(Operation::write, kSettingsObject, op, [&](int result, std::uint64_t) {
    if (result == -EEXIST && existing == Existing::keep) return;
    if (result < 0) throw cluster.error(std::string("write ") + kSettingsObject, result);
  });
  flight.land();
}

}  // namespace gnocchi::ceph
