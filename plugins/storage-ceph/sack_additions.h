#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "flight.h"
#include "gnocchi/types.h"

namespace gnocchi::ceph {

/// Bundles on their way into one sack, by their keys.
class SackAdditions {
 public:
  /// `value` outlives the object.
  void add(std::string key, BytesView value);
  std::size_t size() const { return keys_.size(); }
  /// Hands out the operations that add everything: one, unless it is very much.
  void in_operations(const std::function<void(const WriteOp&)>& send) const;

 private:
  std::vector<std::string> keys_;
  std::vector<BytesView> values_;
};

}  // namespace gnocchi::ceph
