#include "core/plugin/paths.h"

#include <gtest/gtest.h>

namespace gnocchi::plugin {
namespace {

TEST(PluginPaths, AProgramOfABuildTreeUsesThePluginsBuiltWithIt) {
  const std::filesystem::path built = std::filesystem::path(GNOCCHI_BINARY_DIR) / "plugins";
  std::filesystem::create_directories(built);
  EXPECT_EQ(default_plugin_directory(), built);
}

}  // namespace
}  // namespace gnocchi::plugin
