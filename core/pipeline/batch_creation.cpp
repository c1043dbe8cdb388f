#include "core/pipeline/batch_creation.h"

#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "core/index/metric_limits.h"
#include "core/index/resource_id.h"
#include "core/index/resource_schema.h"
#include "core/index/utf8.h"

namespace gnocchi::pipeline {
namespace {

using Reason = Refused::Reason;
using Subject = Refused::Subject;
using Entry = NamedBatch::Entry;

constexpr char kGeneric[] = "generic";
// Each round makes what the one before found missing; others may have removed it meanwhile, or hold
// a name that the database takes for equal.
constexpr int kRounds = 3;

Refused no_such_archive_policy(const std::string& name) {
  return {Reason::no_such_parent, Subject::archive_policy,
          "Archive policy " + name + " does not exist", name};
}

index::MetricCache::MetricPtr metric_of(const NewMetric& created, const ResourceBase& resource) {
  Metric metric;
  metric.id = created.id;
  metric.archive_policy_name = created.archive_policy_name;
  metric.creator = created.creator;
  metric.name = created.name;
  metric.unit = created.unit;
  metric.resource_id = created.resource_id;
  metric.resource = resource;
  return std::make_shared<const Metric>(std::move(metric));
}

ResourceBase base_of(const NewResource& created) {
  ResourceBase base;
  base.id = created.id;
  base.type = created.type;
  base.creator = created.creator;
  base.original_resource_id = created.original_resource_id;
  return base;
}

void check_attributes(const ResourceType& type, std::map<std::string, Value>& values) {
  for (const auto& [name, spec] : type.attributes) {
    const auto given = values.find(name);
    if (given != values.end()) {
      given->second = index::check_attribute(spec, given->second, {});
    } else if (spec.required) {
      throw Refused(
          Reason::invalid_value, Subject::attribute,
          "Resource type " + type.name + " requires the attribute " + name + ", which is not given",
          name);
    }
  }
}

/// What is to be made in one go.
class Round {
 public:
  Round(NamedBatch& batch, const MissingResources* missing, IndexerDriver& indexer,
        index::ArchivePolicyCache& policies, BatchAuthor& author,
        const std::optional<std::string>& creator)
      : batch_(batch),
        missing_(missing),
        indexer_(indexer),
        policies_(policies),
        author_(author),
        creator_(creator) {}

  void plan() {
    find_resources();
    if (!unknown_.empty()) describe_unknown();
    for (const Entry& entry : batch_.missing()) {
      const auto resource = resources_.find(batch_.bodies()[entry.resource].id);
      if (resource == resources_.end()) {
        left_out_.push_back(entry);
        continue;
      }
      try {
        add_metric(define(resource->first, batch_.body(entry)), resource->second);
      } catch (const Refused& refused) {
        author_.refused(refused);
        left_out_.push_back(entry);
      }
    }
    batch_.leave_out(left_out_);
    author_.may_post(wanted_);
  }

  void make() {
    if (new_type_ && !made([&] { indexer_.resource_types().create(*new_type_); })) return;
    const auto raced = make_resources();
    if (!raced.empty()) {
      std::erase_if(metrics_, [&](const NewMetric& m) { return raced.contains(*m.resource_id); });
      std::erase_if(wanted_, [&](const auto& m) { return raced.contains(*m->resource_id); });
    }
    make_metrics();
  }

 private:
  template <class Create>
  static bool made(Create create) {
    try {
      create();
      return true;
    } catch (const Refused& refused) {
      if (refused.reason() != Reason::already_exists) throw;
      return false;
    }
  }

  void find_resources() {
    std::vector<std::size_t> wanted;
    std::vector<Value> ids;
    for (const Entry& entry : batch_.missing()) {
      if (!wanted.empty() && wanted.back() == entry.resource) continue;
      wanted.push_back(entry.resource);
      ids.emplace_back(Uuid(batch_.bodies()[entry.resource].id));
    }
    ResourceQuery query;
    query.filter = Filter::one_of("id", std::move(ids));
    query.metrics = false;
    std::unordered_map<ResourceId, Resource> rows;
    for (Resource& row : indexer_.resources().list(query)) {
      const ResourceId id = row.id;
      rows.emplace(id, std::move(row));
    }
    for (const std::size_t index : wanted) {
      const auto row = rows.find(batch_.bodies()[index].id);
      if (row == rows.end()) {
        unknown_.push_back(index);
      } else {
        use(row->second);
      }
    }
  }

  void use(const Resource& resource) {
    if (missing_ != nullptr && missing_->type != kGeneric && missing_->type != resource.type) {
      const std::string id = resource.id.to_string();
      author_.refused(
          {Reason::already_exists, Subject::resource, "Resource " + id + " already exists", id});
      return;
    }
    author_.may_update(resource);
    resources_.emplace(resource.id, resource);
  }

  void describe_unknown() {
    if (missing_ == nullptr) {
      author_.unknown_resources(batch_, unknown_);
      return;
    }
    const ResourceType type = find_type();
    for (const std::size_t index : unknown_) {
      NewResource resource;
      resource.id = batch_.bodies()[index].id;
      resource.type = type.name;
      resource.creator = creator_;
      resource.original_resource_id = batch_.bodies()[index].original_id;
      if (!missing_->attributes.empty()) resource.attributes = missing_->attributes[index];
      try {
        check_attributes(type, resource.attributes);
      } catch (const Refused& refused) {
        author_.refused(refused);
        continue;
      }
      author_.may_create(resource);
      resources_.emplace(resource.id, base_of(resource));
      new_resources_.push_back(std::move(resource));
    }
  }

  ResourceType find_type() {
    ResourceType type;
    type.name = missing_->type;
    type.tablename = kGeneric;
    if (type.name == kGeneric) return type;
    if (auto known = indexer_.resource_types().get(type.name)) {
      if (known->state == ResourceTypeState::active) return std::move(*known);
      const std::string sentence = "Resource type " + known->name + " state is " +
                                   to_string(known->state) + " (expected: active)";
      if (known->state == ResourceTypeState::creating ||
          known->state == ResourceTypeState::updating) {
        throw Error(Error::Code::unavailable, sentence);
      }
      throw Refused(Reason::invalid_state, Subject::resource_type, sentence, known->name);
    }
    if (!missing_->type_attributes) {
      throw Refused(Reason::no_such_parent, Subject::resource_type,
                    "Resource type " + type.name + " does not exist", type.name);
    }
    type.attributes = *missing_->type_attributes;
    author_.may_create(type);
    new_type_ = type;
    return type;
  }

  NewMetric define(const ResourceId& resource, const NamedMeasures& body) {
    using index::count_characters;
    const auto refuse = [](const std::string& sentence, const char* what) {
      throw Refused(Reason::invalid_value, Subject::metric, sentence, what);
    };
    if (body.name.empty() || !index::is_utf8(body.name)) {
      refuse("a metric name must be UTF-8 and not empty", "name");
    }
    author_.may_name(body.name);
    if (count_characters(body.name) > index::kMaxMetricName) {
      refuse("length of metric name must be at most " + std::to_string(index::kMaxMetricName),
             "name");
    }
    if (body.unit && count_characters(*body.unit) > index::kMaxMetricUnit) {
      refuse("length of value must be at most " + std::to_string(index::kMaxMetricUnit), "unit");
    }
    NewMetric metric{MetricId(Uuid::random()), {}, creator_, body.name, body.unit, resource};
    metric.archive_policy_name =
        body.archive_policy_name ? *body.archive_policy_name : policy_by_rule(body.name);
    if (!exists(metric.archive_policy_name)) {
      throw no_such_archive_policy(metric.archive_policy_name);
    }
    return metric;
  }

  /// Asks once for each name: what is not there is not remembered by the cache.
  bool exists(const std::string& policy) {
    const auto [known, is_new] = known_policies_.try_emplace(policy, false);
    if (is_new) known->second = policies_.find(policy) != nullptr;
    return known->second;
  }

  std::string policy_by_rule(const std::string& name) {
    if (const auto rule = policies_.rule_for(name)) return rule->archive_policy_name;
    throw Refused(Reason::no_such_parent, Subject::archive_policy_rule,
                  "No archive policy name specified and no archive policy rule found matching the "
                  "metric name " +
                      name);
  }

  void add_metric(NewMetric metric, const ResourceBase& resource) {
    author_.may_create(metric);
    wanted_.push_back(metric_of(metric, resource));
    metrics_.push_back(std::move(metric));
  }

  /// Those that somebody else has just made: nothing is known of them yet.
  std::unordered_set<ResourceId> make_resources() {
    std::unordered_set<ResourceId> raced;
    if (new_resources_.empty()) return raced;
    const auto outcome = indexer_.resources().create(std::span(new_resources_));
    for (std::size_t i = 0; i < new_resources_.size(); ++i) {
      if (outcome[i] == ResourceCreation::already_exists) raced.insert(new_resources_[i].id);
    }
    return raced;
  }

  void make_metrics() {
    if (metrics_.empty()) return;
    const auto outcome = indexer_.metrics().create(std::span(metrics_));
    std::vector<index::MetricCache::MetricPtr> created;
    for (std::size_t i = 0; i < metrics_.size(); ++i) {
      if (outcome[i] == MetricCreation::created) {
        created.push_back(std::move(wanted_[i]));
      } else if (outcome[i] == MetricCreation::no_such_archive_policy) {
        policies_.invalidate();  // so that the next round sees that it is gone
      }
    }
    batch_.add(std::move(created));
  }

  NamedBatch& batch_;
  const MissingResources* const missing_;
  IndexerDriver& indexer_;
  index::ArchivePolicyCache& policies_;
  BatchAuthor& author_;
  const std::optional<std::string>& creator_;

  std::vector<std::size_t> unknown_;
  std::unordered_map<ResourceId, ResourceBase> resources_;  // those that there are, or will be
  std::unordered_map<std::string, bool> known_policies_;
  std::vector<Entry> left_out_;
  std::optional<ResourceType> new_type_;
  std::vector<NewResource> new_resources_;
  std::vector<NewMetric> metrics_;
  std::vector<index::MetricCache::MetricPtr> wanted_;  // the same as they will be read back
};

}  // namespace

void BatchCreation::run(NamedBatch& batch, const MissingResources* resources) {
  if (batch.empty()) return;
  std::size_t checked = 0;
  const auto check_found = [&] {
    author_.may_post(std::span(batch.found()).subspan(checked));
    checked = batch.found().size();
  };
  if (!batch.looked_up()) batch.look_up(metrics_);
  for (int round = 0; round < kRounds && !batch.missing().empty(); ++round) {
    check_found();
    Round one(batch, resources, indexer_, archive_policies_, author_, creator_);
    one.plan();
    if (batch.missing().empty()) break;
    one.make();
    checked = batch.found().size();
    if (!batch.missing().empty()) batch.look_up(metrics_);
  }
  check_found();
  for (const Entry& entry : batch.missing()) {
    const std::string& name = batch.body(entry).name;
    author_.refused({Reason::already_exists, Subject::named_metric,
                     "Named metric " + name + " already exists", name});
  }
  batch.leave_out(std::vector(batch.missing()));
}

}  // namespace gnocchi::pipeline
