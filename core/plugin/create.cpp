// The last step, and all steps in one.
#include <utility>

#include "core/plugin/loader.h"
#include "core/plugin/messages.h"

namespace gnocchi::plugin {

std::unique_ptr<Driver> create_driver(const Found& found, const Request& request,
                                      const Context& context) {
  const std::string driver =
      found.file.string() + ": " + to_string(request.kind) + ":" + request.name;
  std::unique_ptr<Driver> made;
  std::string failure;
  try {
    made = found.driver->create(context);
    if (made) return made;
  } catch (const std::exception& thrown) {
    failure = thrown.what();
  } catch (...) {
    failure = "an exception that is not a std::exception";
  }
  if (!failure.empty()) {
    refuse("PLUGIN_CREATE_FAILED", request.asked_by, driver + " cannot be created: " + failure);
  }
  refuse("PLUGIN_CREATE_NULL", request.asked_by,
         driver + ": create returned nothing. This is a fault of the plugin.");
}

/// What a driver is lent for its life.
struct Loader::Lent {
  std::unique_ptr<const Options> options;
  Context context;
};

Loader::Loader(std::vector<std::filesystem::path> plugin_path, std::string process_name, Log& log)
    : plugin_path_(std::move(plugin_path)), process_name_(std::move(process_name)), log_(log) {}

Loader::~Loader() = default;

Found Loader::find(const Request& request) const {
  check_name(request);
  Found found;
  found.file = request.file.empty() ? find_file(request, plugin_path_) : request.file;
  const std::string& asked_by = request.asked_by;
  found.manifest = &open_manifest(found.file, asked_by);
  judge_manifest(*found.manifest, found.file, asked_by);
  found.driver = &judge_driver(*found.manifest, found.file, request);
  return found;
}

template <class D>
std::unique_ptr<D> Loader::load(Kind kind, Request request, const OptionReader& read_options) {
  request.kind = kind;
  const Found found = find(request);
  std::unique_ptr<const Options> options = read_options(*found.driver);
  const Options& lent_options = *options;
  auto lent =
      std::make_unique<Lent>(Lent{std::move(options), Context{lent_options, log_, process_name_}});
  const Context& context = lent->context;
  {
    const std::lock_guard lock(mutex_);
    lent_.push_back(std::move(lent));
  }
  std::unique_ptr<Driver> made = create_driver(found, request, context);
  auto* typed = dynamic_cast<D*>(made.get());
  if (typed == nullptr) {
    refuse("PLUGIN_CREATE_WRONG_TYPE", request.asked_by,
           found.file.string() + ": what " + to_string(kind) + ":" + request.name +
               " creates is no " + to_string(kind) + " driver. This is a fault of the plugin.");
  }
  log_.debug("plugin=" + found.file.string() + " driver=" + to_string(kind) + ":" + request.name +
             " version=" + found.manifest->version + " event=loaded");
  static_cast<void>(made.release());  // the same object as typed
  return std::unique_ptr<D>(typed);
}

std::unique_ptr<StorageDriver> Loader::load_storage(Request request,
                                                    const OptionReader& read_options) {
  return load<StorageDriver>(Kind::storage, std::move(request), read_options);
}

std::unique_ptr<IncomingDriver> Loader::load_incoming(Request request,
                                                      const OptionReader& read_options) {
  return load<IncomingDriver>(Kind::incoming, std::move(request), read_options);
}

std::unique_ptr<IndexerDriver> Loader::load_indexer(Request request,
                                                    const OptionReader& read_options) {
  return load<IndexerDriver>(Kind::indexer, std::move(request), read_options);
}

std::unique_ptr<CoordinatorDriver> Loader::load_coordinator(Request request,
                                                            const OptionReader& read_options) {
  return load<CoordinatorDriver>(Kind::coordinator, std::move(request), read_options);
}

std::unique_ptr<AuthenticatorDriver> Loader::load_authenticator(Request request,
                                                                const OptionReader& read_options) {
  return load<AuthenticatorDriver>(Kind::authenticator, std::move(request), read_options);
}

}  // namespace gnocchi::plugin
