#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/error.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/types.h"

namespace gnocchi::file::test {

class FakeOptions final : public plugin::Options {
 public:
  std::string text(std::string_view name) const override { return texts.at(std::string(name)); }
  std::int64_t integer(std::string_view name) const override {
    return std::stoll(texts.at(std::string(name)));
  }
  double real(std::string_view name) const override { return std::stod(text(name)); }
  bool boolean(std::string_view name) const override { return text(name) == "true"; }
  std::chrono::nanoseconds duration(std::string_view name) const override {
    return std::chrono::seconds(integer(name));
  }
  bool has(std::string_view name) const override { return texts.contains(std::string(name)); }

  std::map<std::string, std::string> texts;
};

/// Keeps what is logged.
class FakeLog final : public plugin::Log {
 public:
  void write(Level level, std::string_view message) override {
    const std::scoped_lock guard(mutex_);
    if (level >= Level::warning) lines_.emplace_back(message);
  }
  bool enabled(Level) const override { return true; }
  std::vector<std::string> lines() {
    const std::scoped_lock guard(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory()
      : path(std::filesystem::temp_directory_path() /
             ("gnocchi-test-" + Uuid::random().to_string())) {
    std::filesystem::create_directories(path);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  const std::filesystem::path path;
};

/// What a driver is lent: the options of a store in `path`, and a log.
struct Lent {
  explicit Lent(const std::filesystem::path& path, const std::string& sync = "off")
      : context{options, log, "test"} {
    options.texts = {{"file_basepath", path.string()},
                     {"file_subdir_len", "2"},
                     {"file_sync", sync},
                     {"coordination_url", "file://" + path.string()}};
  }
  FakeOptions options;
  FakeLog log;
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

}  // namespace gnocchi::file::test
