#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "gnocchi/plugin/context.h"
#include "indexer-sqlite/sqlite_indexer.h"
#include "tests/support/memory_log.h"

namespace gnocchi::support {

/// A real index in a file of its own, which goes with it.
class SqliteIndex {
 public:
  SqliteIndex() {
    indexer_.start();
    indexer_.upgrade();
  }
  ~SqliteIndex() {
    indexer_.stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  SqliteIndex(const SqliteIndex&) = delete;
  SqliteIndex& operator=(const SqliteIndex&) = delete;

  IndexerDriver& driver() { return indexer_; }
  ArchivePolicyIndex& archive_policies() { return indexer_.archive_policies(); }
  ResourceIndex& resources() { return indexer_.resources(); }
  MetricIndex& metrics() { return indexer_.metrics(); }

 private:
  class Options : public plugin::Options {
   public:
    explicit Options(std::string url) : url_(std::move(url)) {}
    std::string text(std::string_view name) const override {
      return name == "url" ? url_ : "normal";
    }
    std::int64_t integer(std::string_view name) const override {
      return name == "max_pool_size" ? 2 : 20;
    }
    double real(std::string_view) const override { return 0; }
    bool boolean(std::string_view) const override { return false; }
    std::chrono::nanoseconds duration(std::string_view) const override {
      return std::chrono::seconds{5};
    }
    bool has(std::string_view) const override { return true; }

   private:
    std::string url_;
  };

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("gnocchi-index-" + std::to_string(getpid()) + "-" + Uuid::random().to_string());
  MemoryLog log_;
  Options options_{"sqlite:///" + (folder_ / "index.sqlite").string()};
  sqlite::SqliteIndexer indexer_{plugin::Context{options_, log_, "test"}};
};

}  // namespace gnocchi::support
