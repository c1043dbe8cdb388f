#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/storage.h"

namespace gnocchi::file {

/// Lists splits by the names of their files. Where a filter names the methods, their directories
/// alone are opened, without a look at which there are; names of other granularities are passed
/// over without reading the numbers in them. Immutable.
class SplitLister {
 public:
  /// `base`: the directory that metrics are below. The filter must outlive it.
  SplitLister(int base, const SplitFilter& filter);

  /// Those of a metric that the filter admits, sorted. `path`: its directory; absence is fine.
  std::vector<SplitKey> list(const std::string& path) const;

 private:
  /// `name`: of the method's directory inside `directory`.
  void list_method(int directory, const std::string& name, std::string_view method,
                   std::vector<SplitKey>& out) const;
  bool may_admit(std::string_view name) const;

  const int base_;
  const SplitFilter& filter_;
  std::vector<std::string> endings_;  ///< of the names of each granularity; empty: any
};

}  // namespace gnocchi::file
