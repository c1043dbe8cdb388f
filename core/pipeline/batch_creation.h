#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/index/archive_policy_cache.h"
#include "core/index/metric_cache.h"
#include "core/pipeline/named_batch.h"
#include "gnocchi/error.h"
#include "gnocchi/indexer.h"

/// Metrics, resources and resource types that come to be because measures come for them: batches
/// over REST and the protocols of other systems.
namespace gnocchi::pipeline {

/// How the resources of a batch look that do not exist yet.
struct MissingResources {
  std::string type = "generic";  ///< which fits existing resources of any type
  /// The type is created with these if there is none; nullopt: then the batch is refused.
  std::optional<std::map<std::string, AttributeSpec>> type_attributes;
  /// Attributes of the batch's resources, in the order of its bodies; empty: none has any.
  std::vector<std::map<std::string, Value>> attributes;
};

/// Answers for a batch. What these throw ends it before anything has been made of it.
class BatchAuthor {
 public:
  virtual ~BatchAuthor() = default;

  // Whether this may be done; they return if it may.
  virtual void may_create(const ResourceType&) {}
  virtual void may_create(const NewResource&) {}
  virtual void may_create(const NewMetric&) {}
  virtual void may_name(const std::string& /*metric*/) {}
  virtual void may_update(const Resource&) {}
  virtual void may_post(std::span<const index::MetricCache::MetricPtr>) {}

  /// The batch does not describe resources, and these (indexes of bodies) do not exist. Returning
  /// leaves their measures out.
  virtual void unknown_resources(const NamedBatch& batch,
                                 std::span<const std::size_t> resources) = 0;
  /// The index cannot hold this part of the batch. Returning leaves its measures out.
  virtual void refused(const Refused& reason) = 0;
};

/// Finds the metrics of a batch and makes those that are missing, with the archive policy and unit
/// of their bodies or the policy of the rule that matches their name. A handful of statements for
/// any number of rows: one that finds metrics, then, only if some are missing, one that finds their
/// resources, one for the type, and one creation each of resources and metrics.
///
/// All is checked before anything is made. Others who make the same at the same time are no
/// failure. Any thread.
class BatchCreation {
 public:
  /// All of it outlives this. `creator`: of what is made.
  BatchCreation(IndexerDriver& indexer, index::MetricCache& metrics,
                index::ArchivePolicyCache& archive_policies, BatchAuthor& author,
                std::optional<std::string> creator)
      : indexer_(indexer),
        metrics_(metrics),
        archive_policies_(archive_policies),
        author_(author),
        creator_(std::move(creator)) {}

  /// Finds the batch's metrics first, unless that was done. Afterwards no entry is missing; the
  /// author may post to all that were found. `resources`: null if all of them must exist. Throws
  /// what the author throws; Refused for a resource type that does not exist or is broken;
  /// Error{unavailable} for one that is being made or changed.
  void run(NamedBatch& batch, const MissingResources* resources);

 private:
  IndexerDriver& indexer_;
  index::MetricCache& metrics_;
  index::ArchivePolicyCache& archive_policies_;
  BatchAuthor& author_;
  const std::optional<std::string> creator_;
};

}  // namespace gnocchi::pipeline
