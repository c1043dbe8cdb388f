#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gnocchi/error.h"
#include "tests/driver-kit/kit.h"

namespace gnocchi::kit {

/// The base of the indexer's cases: the schema is there, and one archive policy of its own.
class IndexerCase : public Case<IndexerDriver> {
 protected:
  using Reason = Refused::Reason;
  using Subject = Refused::Subject;
  using Verdict = std::optional<std::pair<Reason, Subject>>;

  void prepare(IndexerDriver& indexer) override {
    indexer.upgrade();
    policy_ = fresh_name("policy-");
    indexer.archive_policies().create(policy_named(policy_));
  }

  static ArchivePolicy policy_named(const std::string& name) {
    using namespace std::chrono_literals;
    return {name, 3, {{60s, 10, 600s}, {3600s, std::nullopt, std::nullopt}}, {"max", "mean"}};
  }

  ArchivePolicyIndex& policies() { return driver().archive_policies(); }
  ResourceTypeIndex& types() { return driver().resource_types(); }
  ResourceIndex& resources() { return driver().resources(); }
  MetricIndex& metrics() { return driver().metrics(); }

  const std::string& policy() const { return policy_; }

  NewResource new_resource(const std::string& type = "generic") const {
    NewResource resource;
    resource.id = fresh_resource();
    resource.type = type;
    resource.creator = "user:project";
    resource.original_resource_id = resource.id.to_string();
    return resource;
  }

  NewMetric new_metric() const {
    NewMetric metric;
    metric.id = fresh_metric();
    metric.archive_policy_name = policy_;
    metric.creator = "user:project";
    return metric;
  }

  NewMetric named_metric(const ResourceId& resource, const std::string& name) const {
    NewMetric metric = new_metric();
    metric.resource_id = resource;
    metric.name = name;
    return metric;
  }

  MetricAssignment creating(const std::string& name) const {
    return {name, std::nullopt, new_metric()};
  }

  /// A type with attributes of every kind: s (required), u, n, b, d.
  std::string make_type() {
    ResourceType type;
    type.name = fresh_name("type-");
    type.attributes["s"] = {AttributeType::string, true, 0, 100, {}, {}};
    type.attributes["u"] = {AttributeType::uuid, false, {}, {}, {}, {}};
    type.attributes["n"] = {AttributeType::number, false, {}, {}, -5.5, 1e300};
    type.attributes["b"] = {AttributeType::boolean, false, {}, {}, {}, {}};
    type.attributes["d"] = {AttributeType::datetime, false, {}, {}, {}, {}};
    types().create(type);
    return type.name;
  }

  /// Why a call was refused; nullopt: it was not.
  template <class F>
  static Verdict refusal(F call) {
    try {
      call();
    } catch (const Refused& refused) {
      note(std::string("refused: ") + refused.what());
      return std::pair(refused.reason(), refused.subject());
    }
    return std::nullopt;
  }

  static Verdict because(Reason reason, Subject subject) { return std::pair(reason, subject); }

  static Timestamp at(std::int64_t seconds, std::int64_t microseconds = 0) {
    return Timestamp(std::chrono::seconds(seconds) + std::chrono::microseconds(microseconds));
  }

 private:
  std::string policy_;
};

inline std::vector<ResourceId> ids_of(const std::vector<Resource>& resources) {
  std::vector<ResourceId> ids;
  for (const Resource& resource : resources) ids.push_back(resource.id);
  return ids;
}

inline std::vector<MetricId> ids_of(const std::vector<Metric>& metrics) {
  std::vector<MetricId> ids;
  for (const Metric& metric : metrics) ids.push_back(metric.id);
  return ids;
}

inline std::vector<std::string> names_of(const std::vector<Metric>& metrics) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics) names.push_back(metric.name.value_or(""));
  return names;
}

/// What a database takes for something else when it is put into a statement carelessly. All of it
/// is in the basic multilingual plane, which is what Gnocchi's MySQL columns hold.
inline const std::vector<std::string>& awkward_texts() {
  static const std::vector<std::string> texts{"it's",
                                              "''",
                                              "\\",
                                              "\\'",
                                              "a\\",
                                              "\"double\"",
                                              "`back`",
                                              ":x",
                                              "a :name b",
                                              "%",
                                              "_%_",
                                              "; DROP TABLE metric; --",
                                              "/* */",
                                              "?",
                                              "$1",
                                              "@x := 1",
                                              "x'00'",
                                              "tab\tnewline\n",
                                              "caf\xc3\xa9",
                                              "\xe4\xb8\xad\xe6\x96\x87",
                                              "' OR '1' = '1",
                                              "{}",
                                              "\\0"};
  return texts;
}

}  // namespace gnocchi::kit
