#pragma once

#include <span>
#include <string>
#include <vector>

#include "gnocchi/archive_policy.h"

/// The archive policies that a fresh index starts with.
namespace gnocchi::index {

/// Whose defaults: those of Gnocchi 3.1 and later, or those of 3.0, which keep coarser series too.
enum class DefaultPolicies { current, as_in_3_0 };

/// `methods`: what policies without methods of their own aggregate ([archive_policy]
/// default_aggregation_methods).
std::vector<ArchivePolicy> default_archive_policies(DefaultPolicies which,
                                                    std::span<const std::string> methods);

/// The methods that 3.0 took where gnocchi.conf says nothing.
std::vector<std::string> default_methods_of_3_0();

/// `default`: metrics of any name get the policy `low`.
ArchivePolicyRule default_archive_policy_rule();

}  // namespace gnocchi::index
