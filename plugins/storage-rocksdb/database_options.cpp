#include "database_options.h"

#include <rocksdb/convenience.h>

#include <algorithm>
#include <filesystem>

#include "gnocchi/error.h"

namespace gnocchi::rocks {
namespace {

SyncMode parse_sync_mode(const std::string& text) {
  if (text == "commit") return SyncMode::commit;
  if (text == "interval") return SyncMode::interval;
  if (text == "off") return SyncMode::off;
  throw Error(Error::Code::invalid_config,
              "rocksdb_sync = " + text + ": not commit, interval or off");
}

void need_library_support(rocksdb::CompressionType type, const std::string& text) {
  const auto supported = rocksdb::GetSupportedCompressions();
  if (std::find(supported.begin(), supported.end(), type) != supported.end()) return;
  throw Error(Error::Code::invalid_config,
              "rocksdb_compression = " + text + ": the RocksDB library was built without it");
}

Compression parse_compression(const std::string& text) {
  if (text == "none") return Compression::none;
  if (text == "lz4" || text == "zstd") {
    need_library_support(rocksdb::kLZ4Compression, text);
    if (text == "lz4") return Compression::lz4;
    need_library_support(rocksdb::kZSTD, text);
    return Compression::zstd;
  }
  throw Error(Error::Code::invalid_config,
              "rocksdb_compression = " + text + ": not none, lz4 or zstd");
}

std::size_t mebibytes(const plugin::Options& options, const char* name) {
  return static_cast<std::size_t>(options.integer(name)) << 20;
}

}  // namespace

DatabaseOptions DatabaseOptions::from(const plugin::Options& options) {
  DatabaseOptions made;
  made.path = std::filesystem::absolute(options.text("rocksdb_path")).lexically_normal().string();
  made.sync = parse_sync_mode(options.text("rocksdb_sync"));
  made.sync_interval = options.duration("rocksdb_sync_interval");
  made.block_cache_bytes = mebibytes(options, "rocksdb_block_cache_mib");
  made.write_buffer_bytes = mebibytes(options, "rocksdb_write_buffer_mib");
  made.max_open_files = static_cast<int>(options.integer("rocksdb_max_open_files"));
  made.background_jobs = static_cast<int>(options.integer("rocksdb_background_jobs"));
  made.compression = parse_compression(options.text("rocksdb_compression"));
  return made;
}

}  // namespace gnocchi::rocks
