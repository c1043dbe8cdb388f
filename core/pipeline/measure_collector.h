#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/pipeline/named_batch.h"

namespace gnocchi::pipeline {

/// Sorts measures that come in any order by resource and metric name. One thread.
class MeasureCollector {
 public:
  /// `creator`: what ids that are no UUIDs are hashed with.
  explicit MeasureCollector(std::string creator) : creator_(std::move(creator)) {}

  /// The resource that its writer calls `original_id`, by its index in what take() returns. Two
  /// spellings of one id are one resource. Throws Refused{invalid_value, resource}.
  std::size_t resource(std::string_view original_id);
  /// The measures of the resource's metric of this name. Valid until the next call.
  std::vector<Measure>& measures(std::size_t resource, std::string_view name);

  std::size_t resource_count() const noexcept { return resources_.size(); }
  bool empty() const noexcept { return resources_.empty(); }

  /// All of it; the collector is empty afterwards.
  std::vector<ResourceMeasures> take();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  using Positions = std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>>;

  std::string creator_;
  std::vector<ResourceMeasures> resources_;
  std::vector<Positions> names_;  // of each resource's metrics
  Positions originals_;
  std::unordered_map<ResourceId, std::size_t> ids_;
};

}  // namespace gnocchi::pipeline
