#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/http.h"
#include "api/measures_body.h"
#include "api/services.h"
#include "gnocchi/indexer.h"

/// The metrics that a batch of measures names, known ones and those to be made.
namespace gnocchi::api {

/// Throws HttpError 403 unless the asker may post measures to each. Metrics come with resources.
void enforce_post_measures(std::span<const Metric> metrics, const Request& request,
                           const Services& services);

/// The measures of a request by resource and name, and the metrics found for them.
class BatchMetrics {
 public:
  /// One metric of the body.
  struct Entry {
    std::size_t resource = 0;  ///< index into bodies()
    std::size_t name = 0;      ///< index into its metrics
  };

  explicit BatchMetrics(std::vector<ResourceMeasures> bodies);

  bool empty() const noexcept { return entries_.empty(); }
  const std::vector<ResourceMeasures>& bodies() const noexcept { return bodies_; }
  const NamedMeasures& body(const Entry& entry) const {
    return bodies_[entry.resource].metrics[entry.name];
  }
  NamedMetric name_of(const Entry& entry) const;

  /// Finds the metrics of all entries still missing, in one query.
  void look_up(Services& services);
  /// Notes that the missing entries of `created` exist now.
  void add(std::vector<Metric> created);

  const std::vector<Metric>& found() const noexcept { return found_; }
  const std::vector<Entry>& missing() const noexcept { return missing_; }
  /// "resource id/name" of each missing entry.
  std::vector<std::string> missing_names() const;

  /// The measures of all found metrics; the bodies are empty afterwards.
  std::vector<pipeline::MetricMeasures> take_measures();

 private:
  std::vector<ResourceMeasures> bodies_;
  std::vector<Entry> entries_;
  std::unordered_map<ResourceId, std::size_t> positions_;
  std::vector<std::unordered_map<std::string_view, std::size_t>> names_;
  std::vector<Metric> found_;
  std::vector<Entry> missing_;
};

/// Makes the missing metrics, with the archive policy and unit that their bodies give, or the
/// policy of the rule that matches. Before anything is made all of it is checked: HttpError 400
/// {"cause": "Unknown resources", ...}, 400 for what the index would refuse, 403 where the asker
/// may not create metrics or not change the resource.
void create_missing(BatchMetrics& batch, const Request& request, Services& services);

}  // namespace gnocchi::api
