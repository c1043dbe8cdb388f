#pragma once

#include "gnocchi/plugin/context.h"
#include "indexer-sqlite/sqlite_indexer.h"
#include "tests/support/memory_log.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/text_options.h"

namespace gnocchi::support {

/// A real index in a file of its own, which goes with it.
class SqliteIndex {
 public:
  SqliteIndex() {
    indexer_.start();
    indexer_.upgrade();
  }
  ~SqliteIndex() { indexer_.stop(); }
  SqliteIndex(const SqliteIndex&) = delete;
  SqliteIndex& operator=(const SqliteIndex&) = delete;

  IndexerDriver& driver() { return indexer_; }
  ArchivePolicyIndex& archive_policies() { return indexer_.archive_policies(); }
  ResourceIndex& resources() { return indexer_.resources(); }
  MetricIndex& metrics() { return indexer_.metrics(); }

 private:
  TemporaryDirectory folder_;
  MemoryLog log_;
  TextOptions options_{{{"url", "sqlite:///" + (folder_.path / "index.sqlite").string()},
                        {"max_pool_size", "2"},
                        {"pool_timeout", "5"},
                        {"lock_wait_timeout", "5"},
                        {"max_retries", "20"},
                        {"sqlite_synchronous", "normal"}}};
  sqlite::SqliteIndexer indexer_{plugin::Context{options_, log_, "test"}};
};

}  // namespace gnocchi::support
