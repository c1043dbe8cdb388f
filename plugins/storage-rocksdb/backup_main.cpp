// gnocchi-backup: a consistent copy of a RocksDB database, while gnocchi-server works with it.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

#include "backup_service.h"
#include "gnocchi/error.h"

namespace {

constexpr int kUsage = 2;
constexpr std::size_t kSmallMemory = 8U << 20;

using gnocchi::rocks::Database;
using gnocchi::rocks::DatabaseOptions;

/// Nobody has it open: this program does.
void copy_ourselves(const std::string& database, const std::string& directory) {
  DatabaseOptions options;
  options.path = database;
  options.block_cache_bytes = options.write_buffer_bytes = kSmallMemory;
  options.max_open_files = 64;
  options.background_jobs = 2;
  Database(options, false).copy_to(directory);
}

void back_up(const std::string& database, const std::string& directory) {
  if (!Database::exists(database)) {
    throw gnocchi::Error(gnocchi::Error::Code::invalid_config, database + ": no database is there");
  }
  if (!gnocchi::rocks::ask_for_backup(database, directory)) copy_ourselves(database, directory);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || argv[1][0] == '-') {
    std::fputs(
        "usage: gnocchi-backup DATABASE DIRECTORY\n"
        "Copies the RocksDB database in DATABASE ([storage] rocksdb_path) to DIRECTORY, which "
        "must\n"
        "not exist yet, as it is at one moment. gnocchi-server may run; its user must be able to\n"
        "write there. On one file system the copy is made of hard links and takes no time.\n",
        stderr);
    return argc == 2 && std::string(argv[1]) == "--help" ? 0 : kUsage;
  }
  try {
    const std::string directory = std::filesystem::absolute(argv[2]).lexically_normal().string();
    back_up(std::filesystem::absolute(argv[1]).lexically_normal().string(), directory);
    std::printf("copied to %s\n", directory.c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gnocchi-backup: %s\n", error.what());
    return 1;
  }
}
