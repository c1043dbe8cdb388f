#pragma once

#include <memory>
#include <string>
#include <vector>

#include "database.h"
#include "gnocchi/storage.h"
#include "known_names.h"

namespace gnocchi::rocks {

/// Lists splits by their names: those that are remembered, else those in the database. Where a
/// metric has very many, it goes straight to the granularities and starts that a filter admits, and
/// steps over other methods without looking into them. One thread.
class SplitLister {
 public:
  /// All must outlive it. It sees the database no earlier than it is now.
  SplitLister(Database& database, KnownNames& known, const SplitFilter& filter);

  /// Those of the metric that the filter admits, sorted. Throws Error.
  std::vector<SplitKey> list(const MetricId& metric);

 private:
  rocksdb::Iterator& names();
  Names read_all(const MetricId& metric);
  void add_known(const MetricId& metric, const Names& names, std::vector<SplitKey>& out) const;
  void walk_admitted(const MetricId& metric, std::vector<SplitKey>& out);
  /// From `begin` on while names have its first `same_bytes` and no start is after `last`.
  void walk(const MetricId& metric, BytesView begin, std::size_t same_bytes, Timestamp last,
            std::vector<SplitKey>& out);
  bool may_admit(BytesView key) const;

  Database& database_;
  KnownNames& known_;
  const SplitFilter& filter_;
  std::vector<std::string> methods_;  ///< as keys have them
  std::unique_ptr<rocksdb::Iterator> names_;
  KnownNames::Moment moment_{};  ///< before that of names_
};

}  // namespace gnocchi::rocks
