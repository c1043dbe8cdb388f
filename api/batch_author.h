#pragma once

#include <span>
#include <string>
#include <utility>

#include "api/http.h"
#include "api/services.h"
#include "core/pipeline/batch_creation.h"

namespace gnocchi::api {

/// The client who sends a batch: rights are those of the request's identity, and whatever cannot be
/// stored refuses all of it, as HttpError.
class BatchAuthor : public pipeline::BatchAuthor {
 public:
  /// `type`: what the resources written to must be of; empty: any.
  BatchAuthor(const Request& request, const Services& services, std::string type = {})
      : request_(request), services_(services), type_(std::move(type)) {}

  void may_create(const ResourceType& type) override;
  void may_create(const NewResource& resource) override;
  void may_create(const NewMetric& metric) override;
  void may_name(const std::string& metric) override;
  void may_update(const Resource& resource) override;
  void may_post(std::span<const index::MetricCache::MetricPtr> metrics) override;
  void unknown_resources(const pipeline::NamedBatch& batch,
                         std::span<const std::size_t> resources) override;
  void refused(const Refused& reason) override;

 private:
  const Request& request_;
  const Services& services_;
  const std::string type_;
};

/// Stores measures that come by another system's protocol, with all that has to be made for them.
/// Throws HttpError 403, 404 for a type that does not exist, 409 for a resource of another type,
/// and 400; then nothing is stored.
void store(std::vector<pipeline::ResourceMeasures> measures,
           const pipeline::MissingResources& resources, const Request& request, Services& services);

/// pipeline::BatchCreation for a request.
void create_missing(pipeline::NamedBatch& batch, const pipeline::MissingResources* resources,
                    BatchAuthor& author, const Request& request, Services& services);

}  // namespace gnocchi::api
