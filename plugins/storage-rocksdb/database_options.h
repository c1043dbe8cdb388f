#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "gnocchi/plugin/context.h"

namespace gnocchi::rocks {

/// When what was written reaches the disk itself, beyond the system's memory.
enum class SyncMode {
  commit,    ///< before the call returns
  interval,  ///< within DatabaseOptions::sync_interval
  off,       ///< when the system likes
};

enum class Compression { none, lz4, zstd };

/// How the database is opened; the same for all that share it.
struct DatabaseOptions {
  std::string path;
  SyncMode sync = SyncMode::commit;
  std::chrono::nanoseconds sync_interval{};
  std::size_t block_cache_bytes = 0;
  std::size_t write_buffer_bytes = 0;
  int max_open_files = 0;
  int background_jobs = 0;
  Compression compression = Compression::lz4;

  bool operator==(const DatabaseOptions&) const = default;

  /// Throws Error{invalid_config} for a word that an option does not know, and for a compression
  /// that the library was built without.
  static DatabaseOptions from(const plugin::Options& options);
};

}  // namespace gnocchi::rocks
