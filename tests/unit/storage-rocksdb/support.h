#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/error.h"
#include "gnocchi/plugin/context.h"
#include "rocks_incoming.h"
#include "rocks_storage.h"

namespace gnocchi::rocks::test {

class FakeOptions final : public plugin::Options {
 public:
  std::string text(std::string_view name) const override { return texts.at(std::string(name)); }
  std::int64_t integer(std::string_view name) const override { return std::stoll(text(name)); }
  double real(std::string_view name) const override { return std::stod(text(name)); }
  bool boolean(std::string_view name) const override { return text(name) == "true"; }
  std::chrono::nanoseconds duration(std::string_view name) const override {
    return std::chrono::milliseconds(integer(name));
  }
  bool has(std::string_view name) const override { return texts.contains(std::string(name)); }

  std::map<std::string, std::string> texts;
};

/// Keeps warnings and errors.
class FakeLog final : public plugin::Log {
 public:
  void write(Level level, std::string_view message) override {
    const std::scoped_lock guard(*mutex_);
    if (level >= Level::warning) lines_.emplace_back(message);
  }
  bool enabled(Level) const override { return true; }
  std::vector<std::string> lines() {
    const std::scoped_lock guard(*mutex_);
    return lines_;
  }

 private:
  /// On the heap: a std::mutex of the stack ends unseen by ThreadSanitizer, which takes the next
  /// test's mutex at that place for this one.
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
  std::vector<std::string> lines_;
};

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path path;
};

/// What a driver is lent: the options of a small database in `path`, and a log.
struct Lent {
  explicit Lent(const std::filesystem::path& path, const std::string& sync = "off");
  FakeOptions options;
  FakeLog log;
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

template <class Call>
void expect_error(Error::Code code, std::string_view part_of_what, Call call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string_view(error.what()).find(part_of_what), std::string_view::npos)
        << error.what();
  }
}

}  // namespace gnocchi::rocks::test
