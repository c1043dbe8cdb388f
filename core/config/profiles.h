#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/settings.h"

namespace gnocchi::config {

/// The driver of series and measures that gnocchi-server takes where none is configured:
/// "rocksdb", unless the directory has data of the file driver and no RocksDB database, or
/// `rocksdb_installed` is false and there is no database either. Throws Error{invalid_config} if it
/// cannot look: data that are not seen must not be taken for absent.
std::string embedded_storage(const std::filesystem::path& data_directory, bool rocksdb_installed);

/// Series, measures and index in one directory: files or rocksdb/, as `storage_driver` says, and
/// gnocchi.db.
std::vector<Assignment> embedded_drivers(const std::filesystem::path& data_directory,
                                         const std::string& storage_driver);

/// The defaults of gnocchi-server: everything in one directory, no other server needed, names
/// without passwords.
std::vector<Assignment> embedded_defaults(const std::filesystem::path& data_directory,
                                          const std::string& storage_driver);

/// The text with each '$' doubled, so that it is taken literally as a value.
std::string literal(std::string_view text);

}  // namespace gnocchi::config
