#include "core/plugin/library.h"

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

/// Code and vtables of a plugin may be needed until the very end, by exceptions and by threads of
/// client libraries; so no library is closed, not even at exit.
void keep_for_ever(std::unique_ptr<boost::dll::shared_library> library) {
  static auto& mutex = *new std::mutex;
  static auto& kept = *new std::vector<std::unique_ptr<boost::dll::shared_library>>;
  const std::lock_guard lock(mutex);
  kept.push_back(std::move(library));
}

}  // namespace

const Manifest* open_library(const std::filesystem::path& file) {
  auto library = std::make_unique<boost::dll::shared_library>();
  // A bare file name would be searched for in the linker's own directories.
  const std::filesystem::path absolute = std::filesystem::absolute(file);
  try {
    // The overload that throws: the other one loses the reason.
    library->load(absolute.string(),
                  boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& failure) {
    throw std::runtime_error(reason_of(failure));
  }
  const Manifest* manifest = nullptr;
  if (library->has(kManifestSymbol)) manifest = &library->get<const Manifest>(kManifestSymbol);
  keep_for_ever(std::move(library));
  return manifest;
}

}  // namespace gnocchi::plugin
