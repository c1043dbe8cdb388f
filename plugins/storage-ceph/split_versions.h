#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gnocchi/metric_memory.h"
#include "gnocchi/types.h"

namespace gnocchi::ceph {

/// What a pass has left of a metric: the versions of its padded splits as it wrote them, and of the
/// raw series that it then committed. Objects are told apart by the hashes of their names: where
/// two have the same, a write on the wrong condition is refused, and no more.
struct KnownSplits {
  std::uint64_t raw_version = 0;  ///< not 0

  /// nullopt: not among them.
  std::optional<std::uint64_t> version_of(const std::string& object) const;
  void set(const std::string& object, std::uint64_t version);
  void remove(const std::string& object);

  struct Split {
    std::size_t name = 0;
    std::uint64_t version = 0;
  };
  std::vector<Split> splits;
};

/// The KnownSplits of many metrics, within a bound of memory.
/// Any thread.
class SplitVersions {
 public:
  explicit SplitVersions(std::size_t max_bytes) : known_(max_bytes) {}

  /// What is known as of this version of the raw series. It is not known any more afterwards: who
  /// takes it puts back what comes of it.
  std::optional<KnownSplits> take(const MetricId& metric, std::uint64_t raw_version);
  void put(const MetricId& metric, KnownSplits known);

 private:
  MetricMemory<KnownSplits> known_;
};

}  // namespace gnocchi::ceph
