#pragma once

#include <filesystem>
#include <system_error>

#include "gnocchi/types.h"

namespace gnocchi::support {

/// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() { std::filesystem::create_directories(path); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("gnocchi-test-" + Uuid::random().to_string());
};

}  // namespace gnocchi::support
