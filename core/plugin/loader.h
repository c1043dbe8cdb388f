#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/auth.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/driver.h"
#include "gnocchi/error.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/plugin/manifest.h"
#include "gnocchi/storage.h"

/// Finds, opens, judges and creates drivers (docs/plugins/contract.md). Every failure is
/// Error{invalid_config} whose text starts with a message ID of its own ("PLUGIN_NOT_FOUND ...")
/// and names who asked, the file, what was found and expected, and what to do.
namespace gnocchi::plugin {

/// "storage", "incoming", "indexer", "authenticator", "coordinator".
const char* to_string(Kind kind) noexcept;
/// "text", "integer", ...
const char* to_string(OptionType type) noexcept;
/// The interface version that this build of core speaks.
std::uint32_t interface_version(Kind kind) noexcept;
/// "storage-ceph.so"; authenticators are "auth-keystone.so".
std::string file_name(Kind kind, std::string_view name);

struct Request {
  Kind kind = Kind::storage;
  std::string name;  ///< of the driver, as the user wrote it; checked here
  /// The setting that asks, for messages: "gnocchi.conf:3 [storage] driver = ceph". No secrets.
  std::string asked_by;
  /// Not empty: take this file and look nowhere else (the driver kit, gnocchi-plugin-info).
  std::filesystem::path file;
};

/// A driver whose plugin is open and fits. Pointers stay valid for ever: no library is ever closed.
struct Found {
  std::filesystem::path file;
  const Manifest* manifest = nullptr;
  const DriverSpec* driver = nullptr;
};

// The steps, in order. Each throws Error{invalid_config} as described above.

/// PLUGIN_NAME_INVALID unless [a-z][a-z0-9-]*: a configuration cannot make us open any other file.
void check_name(const Request& request);
/// The file that serves the driver. PLUGIN_NOT_FOUND; PLUGIN_AMBIGUOUS if two directories of
/// `plugin_path` hold different files of that name.
std::filesystem::path find_file(const Request& request,
                                const std::vector<std::filesystem::path>& plugin_path);
/// Opens the file and returns its manifest, not yet judged. PLUGIN_OPEN_FAILED with the dynamic
/// linker's reason; PLUGIN_NO_MANIFEST.
const Manifest& open_manifest(const std::filesystem::path& file, std::string_view asked_by);
/// Whether the manifest may be read at all: PLUGIN_MAGIC_MISMATCH, PLUGIN_LAYOUT_MISMATCH,
/// PLUGIN_ABI_MISMATCH.
void judge_manifest(const Manifest& manifest, const std::filesystem::path& file,
                    std::string_view asked_by);
/// The one entry for the driver: PLUGIN_DRIVER_MISSING, PLUGIN_DRIVER_DUPLICATE,
/// PLUGIN_INTERFACE_MISMATCH, PLUGIN_OPTIONS_INVALID (the table itself, not the user's values),
/// PLUGIN_CREATE_NULL.
const DriverSpec& judge_driver(const Manifest& manifest, const std::filesystem::path& file,
                               const Request& request);
/// PLUGIN_CREATE_FAILED if it throws, PLUGIN_CREATE_NULL if it returns nothing.
std::unique_ptr<Driver> create_driver(const Found& found, const Request& request,
                                      const Context& context);

/// Reads and checks the options of a driver's section; throws Error{invalid_config} naming all
/// faults together (CONFIG_INVALID). The real one is in config/driver_options.h.
using OptionReader = std::function<std::unique_ptr<const Options>(const DriverSpec& driver)>;

/// All the steps at once, for a process's drivers. Owns the options and contexts that the drivers
/// are lent, so it must outlive them. Any thread.
class Loader {
 public:
  /// `log` must outlive the loader's drivers.
  Loader(std::vector<std::filesystem::path> plugin_path, std::string process_name, Log& log);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// Everything up to and including the judgement; runs no function of the plugin.
  Found find(const Request& request) const;

  /// A driver ready for start(). `request.kind` is set by the method.
  std::unique_ptr<StorageDriver> load_storage(Request request, const OptionReader& read_options);
  std::unique_ptr<IncomingDriver> load_incoming(Request request, const OptionReader& read_options);
  std::unique_ptr<IndexerDriver> load_indexer(Request request, const OptionReader& read_options);
  std::unique_ptr<CoordinatorDriver> load_coordinator(Request request,
                                                      const OptionReader& read_options);
  std::unique_ptr<AuthenticatorDriver> load_authenticator(Request request,
                                                          const OptionReader& read_options);

 private:
  struct Lent;
  template <class D>
  std::unique_ptr<D> load(Kind kind, Request request, const OptionReader& read_options);

  std::vector<std::filesystem::path> plugin_path_;
  std::string process_name_;
  Log& log_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lent>> lent_;
};

/// A file of plugin_path.
struct Installed {
  std::filesystem::path file;
  const Manifest* manifest = nullptr;  ///< null: cannot be used, see fault
  std::string fault;                   ///< the message, as the loader would give it
};

/// Every plugin in the directories, each file once whatever links lead to it, sorted by name. For
/// the configuration generator and for suggestions; a broken plugin is reported, never fatal.
/// A directory that does not exist is skipped.
std::vector<Installed> list_installed(const std::vector<std::filesystem::path>& plugin_path);

}  // namespace gnocchi::plugin
