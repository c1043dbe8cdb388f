#include "indexer-sqlite/sqlite_indexer.h"

#include <filesystem>

#include "gnocchi/error.h"
#include "indexer-sql/database_url.h"
#include "indexer-sqlite/sqlite_dialect.h"

namespace gnocchi::sqlite {
namespace {

std::unique_ptr<const sql::Dialect> dialect(const plugin::Options& options) {
  const std::string synchronous = options.text("sqlite_synchronous");
  if (synchronous != "normal" && synchronous != "full") {
    throw Error(Error::Code::invalid_config,
                "sqlite_synchronous = \"" + synchronous + "\": must be normal or full");
  }
  return std::make_unique<SqliteDialect>(
      database_path(options.text("url")),
      std::chrono::duration_cast<std::chrono::milliseconds>(options.duration("lock_wait_timeout")),
      synchronous);
}

}  // namespace

std::string database_path(const std::string& url) {
  const sql::DatabaseUrl parsed = sql::DatabaseUrl::parse(url);
  if (parsed.scheme != "sqlite" || !parsed.host.empty() || parsed.database.empty() ||
      parsed.database.front() == ':') {
    throw Error(
        Error::Code::invalid_config,
        "sqlite url: must name a file: sqlite:////absolute/path or sqlite:///relative/path");
  }
  return parsed.database;
}

SqliteIndexer::SqliteIndexer(const plugin::Context& context)
    : SqlIndexer(dialect(context.options), nullptr, sql::db_options(context.options), context.log),
      path_(database_path(context.options.text("url"))) {}

void SqliteIndexer::start() {
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  std::error_code failed;
  if (!folder.empty()) std::filesystem::create_directories(folder, failed);
  if (failed) {
    throw Error(Error::Code::unavailable,
                "index: make directory " + folder.string() + ": " + failed.message());
  }
  SqlIndexer::start();
}

}  // namespace gnocchi::sqlite
