#include "core/plugin/library.h"

#include <dlfcn.h>
#include <link.h>

#include <boost/dll/shared_library.hpp>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace gnocchi::plugin {
namespace {

/// Takes the reason out of Boost's sentence, which ends with an unrelated "Bad file descriptor":
/// "boost::dll::shared_library::load() failed (dlerror system message: REASON): Bad ...".
std::string reason_of(const std::exception& failure) {
  constexpr std::string_view kBefore = "dlerror system message: ";
  constexpr std::string_view kAfter = "): ";
  std::string text = failure.what();
  const std::size_t begin = text.find(kBefore);
  if (begin == std::string::npos) return text;
  const std::size_t end = text.rfind(kAfter);
  const std::size_t from = begin + kBefore.size();
  return text.substr(from, end == std::string::npos || end < from ? end : end - from);
}

using Library = boost::dll::shared_library;
using LoadMode = boost::dll::load_mode::type;

/// Throws with the dynamic linker's reason.
std::unique_ptr<Library> load(const std::filesystem::path& file, LoadMode binding) {
  auto library = std::make_unique<Library>();
  try {
    // The overload that throws: the other one loses the reason.
    library->load(file.string(), binding | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& failure) {
    throw std::runtime_error(reason_of(failure));
  }
  return library;
}

/// Whether it says itself that all functions it calls are to be looked up when it is loaded.
bool wants_binding(Library& library) {
  const link_map* map = nullptr;
  if (::dlinfo(library.native(), RTLD_DI_LINKMAP, static_cast<void*>(&map)) != 0) return false;
  for (const ElfW(Dyn)* entry = map->l_ld; entry->d_tag != DT_NULL; ++entry) {
    const auto flags = entry->d_un.d_val;
    if (entry->d_tag == DT_BIND_NOW) return true;
    if (entry->d_tag == DT_FLAGS && (flags & DF_BIND_NOW) != 0) return true;
    if (entry->d_tag == DT_FLAGS_1 && (flags & DF_1_NOW) != 0) return true;
  }
  return false;
}

/// Loads a library so that what it calls is there; what its libraries call is looked up when they
/// call it, for these are large: RocksDB has 5,000 such functions, most of them never called.
std::unique_ptr<Library> load_bound(const std::filesystem::path& file) {
  auto library = load(file, boost::dll::load_mode::rtld_lazy);
  if (wants_binding(*library)) return library;
  library.reset();
  return load(file, boost::dll::load_mode::rtld_now);
}

/// Code and vtables of a plugin may be needed until the very end, by exceptions and by threads of
/// client libraries; so no library is closed, not even at exit.
void keep_for_ever(std::unique_ptr<Library> library) {
  static auto& mutex = *new std::mutex;
  static auto& kept = *new std::vector<std::unique_ptr<Library>>;
  const std::lock_guard lock(mutex);
  kept.push_back(std::move(library));
}

}  // namespace

const Manifest* open_library(const std::filesystem::path& file) {
  // A bare file name would be searched for in the linker's own directories.
  auto library = load_bound(std::filesystem::absolute(file));
  const Manifest* manifest = nullptr;
  if (library->has(kManifestSymbol)) manifest = &library->get<const Manifest>(kManifestSymbol);
  keep_for_ever(std::move(library));
  return manifest;
}

}  // namespace gnocchi::plugin
