#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gnocchi/plugin/context.h"
#include "rocks_incoming.h"
#include "rocks_storage.h"
#include "tests/support/expect_error.h"
#include "tests/support/memory_log.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/text_options.h"

namespace gnocchi::rocks::test {

using support::expect_error;
using support::TemporaryDirectory;

/// What a driver is lent: the options of a small database in `path`, and a log.
struct Lent {
  explicit Lent(const std::filesystem::path& path, const std::string& sync = "off");
  support::TextOptions options;
  support::MemoryLog log;
  plugin::Context context;
};

inline constexpr std::uint32_t kSacks = 4;

/// Both drivers on one database, made and started.
struct Both {
  explicit Both(const std::filesystem::path& path, const std::string& sync = "off");
  ~Both();
  Lent lent;
  RocksStorage storage;
  RocksIncoming incoming;
};

SplitKey key_of(std::string method, std::int64_t start_s = 0, std::int64_t granularity_s = 60);
MetricWrites writes_of(const MetricId& metric, std::uint64_t version, Bytes raw);
WriteVerdict write_one(RocksStorage& storage, MetricWrites writes);
std::optional<StoredObject> read_one(RocksStorage& storage, const ObjectRef& ref);

/// Another process of this program, which runs the one disabled test of this name: RocksDB's
/// threads would not survive a mere fork.
class Child {
 public:
  /// `path` is told in the environment.
  Child(const std::string& test, const std::filesystem::path& path);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// What it has report()ed so far is at least this much, or it has ended.
  std::vector<std::uint64_t> wait_for_reports(std::size_t count);
  /// kill -9; all that it has reported.
  std::vector<std::uint64_t> kill();

  /// For the child's side.
  static std::filesystem::path path();
  static void report(std::uint64_t number);

 private:
  bool read_report();

  pid_t pid_ = -1;
  int reports_ = -1;
  std::vector<std::uint64_t> reported_;
};

}  // namespace gnocchi::rocks::test
