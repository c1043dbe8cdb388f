#include "core/policy/sample.h"

#include "core/policy/defaults.h"

namespace gnocchi::policy {

std::string sample_policy() {
  std::string out =
      "# Access rules of Gnocchi, with their defaults. What is commented out is in force as it\n"
      "# stands here; a rule that differs goes into policy.yaml without the '#'. Read again at\n"
      "# SIGHUP.\n\n";
  for (const auto& [name, rule] : default_rules()) {
    out.append("#\"").append(name).append("\": \"").append(rule).append("\"\n");
  }
  return out;
}

}  // namespace gnocchi::policy
