#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace gnocchi::tools {

/// A driver that a plugin is expected to serve, "storage:ceph".
struct ExpectedDriver {
  std::string kind;
  std::string name;
};

/// Prints what a plugin says of itself and what the loader thinks of it, the same judgement that a
/// server's start gives. True: every driver in it can be loaded, and the expected ones are there.
bool report_plugin(const std::filesystem::path& file, const std::vector<ExpectedDriver>& expected,
                   std::ostream& out);

}  // namespace gnocchi::tools
