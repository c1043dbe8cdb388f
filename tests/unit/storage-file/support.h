#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/plugin/context.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_log.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/text_options.h"

namespace gnocchi::file::test {

using support::expect_error;
using support::TemporaryDirectory;

/// What a driver is lent: the options of a store in `path`, and a log.
struct Lent {
  explicit Lent(const std::filesystem::path& path, const std::string& sync = "off")
      : context{options, log, "test"} {
    options.texts = {{"file_basepath", path.string()},
                     {"file_subdir_len", "2"},
                     {"file_sync", sync},
                     {"coordination_url", "file://" + path.string()}};
  }
  support::TextOptions options;
  support::MemoryLog log;
  plugin::Context context;
};

/// Every file below `path`, relative to it, sorted.
std::vector<std::string> files_below(const std::filesystem::path& path);
std::string read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// A file system of 1 MiB of its own, where the system lets us mount one.
class SmallDisk {
 public:
  SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();
  bool mounted() const { return mounted_; }
  const std::filesystem::path& path() const { return directory_.path; }
  /// Takes all space but about `bytes`.
  void fill(std::size_t bytes_left);
  void empty();

 private:
  TemporaryDirectory directory_;
  bool mounted_ = false;
};

}  // namespace gnocchi::file::test
