#include "core/config/profiles.h"

#include <system_error>

#include "gnocchi/error.h"

namespace gnocchi::config {

std::string literal(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '$' ? 2 : 1, c);
  return out;
}

std::string embedded_storage(const std::filesystem::path& data_directory, bool rocksdb_installed) {
  const auto there = [&data_directory](const char* name) {
    std::error_code fault;
    const bool found = std::filesystem::exists(data_directory / name, fault);
    if (!fault) return found;
    throw Error(Error::Code::invalid_config, "cannot look for data in " + data_directory.string() +
                                                 " (" + name + "): " + fault.message());
  };
  if (there("rocksdb/CURRENT")) return "rocksdb";
  // What gnocchi-upgrade makes, Python's too, and what measures are written to.
  const bool files =
      there("tmp/gnocchi-config") || there("tmp/gnocchi-storage-config") || there("incoming-log");
  return files || !rocksdb_installed ? "file" : "rocksdb";
}

std::vector<Assignment> embedded_drivers(const std::filesystem::path& data_directory,
                                         const std::string& storage_driver) {
  const std::string directory =
      literal(std::filesystem::absolute(data_directory).lexically_normal().string());
  return {{"storage", "driver", storage_driver},
          {"storage", "file_basepath", directory},
          {"storage", "rocksdb_path", directory + "/rocksdb"},
          {"indexer", "url", "sqlite:///" + directory + "/gnocchi.db"}};
}

std::vector<Assignment> embedded_defaults(const std::filesystem::path& data_directory,
                                          const std::string& storage_driver) {
  std::vector<Assignment> defaults = embedded_drivers(data_directory, storage_driver);
  defaults.push_back({"api", "auth_mode", "basic"});
  return defaults;
}

}  // namespace gnocchi::config
