#include "operation_counts.h"

namespace gnocchi::ceph {
namespace {

constexpr std::array<const char*, kOperations> kNames = {"read",   "list", "check", "write",
                                                         "remove", "lock", "watch", "notify"};

}  // namespace

std::vector<OperationCount> OperationCounts::of(std::initializer_list<Operation> operations) const {
  std::vector<OperationCount> counts;
  for (const Operation operation : operations) {
    const auto index = static_cast<std::size_t>(operation);
    counts.push_back({kNames[index], counts_[index].load(std::memory_order_relaxed)});
  }
  return counts;
}

}  // namespace gnocchi::ceph
