#include "core/service/upgrade.h"

#include <algorithm>

#include "core/index/legacy_types.h"
#include "gnocchi/error.h"

namespace gnocchi::service {
namespace {

/// Runs a creation; false if somebody was faster.
template <class Create>
bool created(Create create) {
  try {
    create();
    return true;
  } catch (const Refused& refused) {
    if (refused.reason() != Refused::Reason::already_exists) throw;
    return false;
  }
}

void add_archive_policies(ArchivePolicyIndex& index, const UpgradePlan& plan, plugin::Log& log) {
  if (!index.list().empty() || !index.list_rules().empty()) {
    log.info("event=default_archive_policies_skipped reason=\"there are policies or rules\"");
    return;
  }
  for (const ArchivePolicy& policy :
       index::default_archive_policies(plan.default_policies, plan.default_methods)) {
    if (created([&] { index.create(policy); })) {
      log.info("event=archive_policy_created name=" + policy.name);
    }
  }
  const ArchivePolicyRule rule = index::default_archive_policy_rule();
  if (created([&] { index.create_rule(rule); })) {
    log.info("event=archive_policy_rule_created name=" + rule.name);
  }
}

void add_legacy_types(ResourceTypeIndex& index, plugin::Log& log) {
  const std::vector<ResourceType> there = index.list();
  for (const ResourceType& type : index::legacy_resource_types()) {
    const bool exists = std::any_of(there.begin(), there.end(), [&type](const ResourceType& other) {
      return other.name == type.name;
    });
    if (!exists && created([&] { index.create(type); })) {
      log.info("event=resource_type_created name=" + type.name);
    }
  }
}

}  // namespace

UpgradePlan usual_upgrade(const config::Config& config) {
  UpgradePlan plan;
  plan.legacy_resource_types = config.boolean("DEFAULT", "create_legacy_resource_types");
  plan.default_methods = config.list("archive_policy", "default_aggregation_methods");
  return plan;
}

void upgrade(Drivers& drivers, const UpgradePlan& plan, plugin::Log& log) {
  if (plan.index) {
    drivers.indexer->upgrade();
    log.info("event=index_upgraded");
  }
  if (plan.storage) {
    drivers.storage->upgrade();
    log.info("event=storage_upgraded");
  }
  if (plan.incoming) {
    drivers.incoming->upgrade(plan.sack_count);
    log.info("event=incoming_upgraded sacks=" + std::to_string(drivers.incoming->sack_count()));
  }
  if (plan.archive_policies) add_archive_policies(drivers.indexer->archive_policies(), plan, log);
  if (plan.legacy_resource_types) add_legacy_types(drivers.indexer->resource_types(), log);
}

}  // namespace gnocchi::service
