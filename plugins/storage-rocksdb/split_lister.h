#pragma once

#include <memory>
#include <string>
#include <vector>

#include "database.h"
#include "gnocchi/storage.h"

namespace gnocchi::rocks {

/// Lists splits by their names. Goes straight to the granularities and starts that a filter admits,
/// and steps over other methods without looking into them. One thread.
class SplitLister {
 public:
  /// Both must outlive it. It sees the database as it is now.
  SplitLister(Database& database, const SplitFilter& filter);

  /// Those of the metric that the filter admits, sorted. Throws Error.
  std::vector<SplitKey> list(const MetricId& metric);

 private:
  /// From `begin` on while names have its first `same_bytes` and no start is after `last`.
  void walk(const MetricId& metric, BytesView begin, std::size_t same_bytes, Timestamp last,
            std::vector<SplitKey>& out);
  bool may_admit(BytesView key) const;

  const SplitFilter& filter_;
  std::vector<std::string> methods_;  ///< as keys have them
  std::unique_ptr<rocksdb::Iterator> names_;
};

}  // namespace gnocchi::rocks
