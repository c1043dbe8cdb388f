#pragma once

#include <string>

#include "indexer-sql/sql_indexer.h"

namespace gnocchi::sqlite {

/// The path that a url names: sqlite:////absolute or sqlite:///relative.
/// Throws Error{invalid_config} for anything else, ":memory:" included.
std::string database_path(const std::string& url);

/// The index in one file, by default the one of gnocchi-server.
class SqliteIndexer final : public sql::SqlIndexer {
 public:
  explicit SqliteIndexer(const plugin::Context& context);
  /// Makes the file's directory if need be.
  void start() override;

 private:
  const std::string path_;
};

}  // namespace gnocchi::sqlite
