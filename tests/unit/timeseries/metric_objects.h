#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/timeseries/split_codec.h"
#include "gnocchi/storage.h"

namespace gnocchi::timeseries {

/// The objects of one metric, read and written as a driver would.
struct MetricObjects {
  std::vector<SplitKey> keys() const {
    std::vector<SplitKey> all;
    for (const auto& entry : splits) all.push_back(entry.first);
    return all;
  }

  std::vector<std::optional<StoredObject>> read(const std::vector<SplitKey>& wanted) const {
    std::vector<std::optional<StoredObject>> objects(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto found = splits.find(wanted[i]);
      if (found != splits.end()) objects[i] = StoredObject{found->second, 0};
    }
    return objects;
  }

  void apply(const MetricWrites& writes) {
    for (const SplitKey& key : writes.removals) splits.erase(key);
    for (const SplitWrite& write : writes.splits) {
      Bytes& data = splits[write.key];
      if (!write.offset) {
        data = write.data;
        continue;
      }
      data.resize(std::max(data.size(), *write.offset + write.data.size()));
      data.replace(*write.offset, write.data.size(), write.data);
    }
    if (writes.raw) raw = writes.raw;
  }

  Series series(const std::string& method, Timespan granularity) const {
    Series out;
    for (const auto& [key, data] : splits) {
      if (key.method != method || key.granularity != granularity) continue;
      decode_split(data, {key.start.time_since_epoch().count(), granularity.count()}, out);
    }
    return out;
  }

  std::optional<Bytes> raw;
  std::map<SplitKey, Bytes> splits;
};

}  // namespace gnocchi::timeseries
