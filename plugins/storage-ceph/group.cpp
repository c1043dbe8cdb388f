#include "group.h"

#include <algorithm>
#include <cerrno>
#include <map>

#include "flight.h"
#include "omap_page.h"

namespace gnocchi::ceph {
namespace {

constexpr std::size_t kFirstBuffer = 4096;

/// Texts that each end with a zero byte.
std::vector<std::string> split_at_zeros(std::string_view bytes) {
  std::vector<std::string> texts;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    texts.emplace_back(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return texts;
}

}  // namespace

Group::Group(const Cluster& cluster, OperationCounts& counts, std::string_view name)
    : cluster_(cluster), counts_(counts), object_("gnocchi-group-" + std::string(name)) {}

std::unique_ptr<LeasedLock> Group::membership(const LeaseRules& rules,
                                              const std::string& id) const {
  return std::make_unique<LeasedLock>(cluster_, counts_, rules, LeasedLock::Mode::shared, object_,
                                      id);
}

void Group::publish(const Member& member) const {
  const char* key = member.id.data();
  const char* value = member.capabilities.data();
  const std::size_t key_size = member.id.size();
  const std::size_t value_size = member.capabilities.size();
  const WriteOp op = write_op();
  rados_write_op_omap_set2(op.get(), &key, &value, &key_size, &value_size, 1);
  Flight flight(cluster_, counts_);
  flight.write(Operation::write, object_, op, [this](int result, std::uint64_t) {
    if (result < 0) throw cluster_.error("join " + object_, result);
  });
  flight.land();
}

void Group::withdraw(const std::vector<std::string>& ids) const {
  if (ids.empty()) return;
  std::vector<const char*> keys;
  std::vector<std::size_t> sizes;
  for (const std::string& id : ids) {
    keys.push_back(id.data());
    sizes.push_back(id.size());
  }
  const WriteOp op = write_op();
  rados_write_op_omap_rm_keys2(op.get(), keys.data(), sizes.data(), keys.size());
  Flight flight(cluster_, counts_);
  flight.write(Operation::write, object_, op, [this](int result, std::uint64_t) {
    if (result < 0 && result != -ENOENT) throw cluster_.error("leave " + object_, result);
  });
  flight.land();
}

std::vector<std::string> Group::live_ids() const {
  std::vector<char> clients(kFirstBuffer);
  std::vector<char> cookies(kFirstBuffer);
  std::vector<char> addresses(kFirstBuffer);
  while (true) {
    int exclusive = 0;
    char tag[sizeof(kLockTag) + 64];
    std::size_t tag_size = sizeof(tag);
    std::size_t clients_size = clients.size();
    std::size_t cookies_size = cookies.size();
    std::size_t addresses_size = addresses.size();
    counts_.add(Operation::lock);
    const auto lockers = rados_list_lockers(
        cluster_.io(), object_.c_str(), kLockName, &exclusive, tag, &tag_size, clients.data(),
        &clients_size, cookies.data(), &cookies_size, addresses.data(), &addresses_size);
    if (lockers == -ENOENT || lockers == 0) return {};
    if (lockers > 0) {
      auto ids = split_at_zeros({cookies.data(), cookies_size});
      std::sort(ids.begin(), ids.end());
      return ids;
    }
    if (lockers != -ERANGE) {
      throw cluster_.error("list the members of " + object_, static_cast<int>(lockers));
    }
    clients.resize(std::max(clients.size() * 2, clients_size + 1));
    cookies.resize(std::max(cookies.size() * 2, cookies_size + 1));
    addresses.resize(std::max(addresses.size() * 2, addresses_size + 1));
  }
}

std::vector<Member> Group::members() const {
  std::map<std::string, std::string, std::less<>> live;
  for (std::string& id : live_ids()) live.emplace(std::move(id), std::string());
  std::vector<std::string> dead;
  std::string last;
  for (bool more = true; more;) {
    OmapPage page;
    const ReadOp op = page.ask_for_values(last, "", kPageKeys);
    more = false;
    Flight flight(cluster_, counts_);
    flight.read(Operation::read, object_, op, [&](int result, std::uint64_t) {
      if (result == -ENOENT) return;
      if (result < 0) throw cluster_.error("read " + object_, result);
      std::string_view key;
      std::string_view value;
      while (page.next(key, value)) {
        last = key;
        const auto member = live.find(key);
        if (member == live.end()) {
          dead.emplace_back(key);
        } else {
          member->second = value;
        }
      }
      more = page.more() && !last.empty();
    });
    flight.land();
  }
  withdraw(dead);
  std::vector<Member> members;
  members.reserve(live.size());
  for (auto& [id, capabilities] : live) members.push_back({id, capabilities});
  return members;
}

}  // namespace gnocchi::ceph
