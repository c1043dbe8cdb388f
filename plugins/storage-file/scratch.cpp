#include "scratch.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <exception>
#include <string_view>
#include <utility>

#include "gnocchi/types.h"

namespace gnocchi::file {
namespace {

constexpr std::string_view kPrefix = "scratch-";
constexpr std::chrono::seconds kSpareRests{2};
constexpr std::size_t kMostResting = 1024;  // some MiB of disk

void sweep_left_behind(int base) {
  const auto names = list_directory(base, "tmp");
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(kPrefix)) continue;
    const std::string path = "tmp/" + name;
    const Descriptor directory = open_if_there(base, path, O_RDONLY | O_DIRECTORY);
    if (directory && try_lock(directory.get(), LockMode::exclusive, path)) {
      remove_tree(base, path);
    }
  }
}

}  // namespace

Scratch::Scratch(int base) : base_(base) {
  sweep_left_behind(base);
  while (true) {
    path_ = "tmp/" + std::string(kPrefix) + Uuid::random().to_string();
    make_directories(base, path_);
    directory_ = open_if_there(base, path_, O_RDONLY | O_DIRECTORY);
    // Another process may take the new directory for one left behind until it is locked.
    if (!directory_ || !try_lock(directory_.get(), LockMode::exclusive, path_)) continue;
    struct stat status {};
    if (::fstatat(base, path_.c_str(), &status, 0) == 0) return;
    if (errno != ENOENT) fail("create", path_);
  }
}

Scratch::~Scratch() {
  try {
    remove_tree(base_, path_);
  } catch (const std::exception&) {
    // The next process to start removes it.
  }
}

std::string Scratch::next_path() { return path_ + '/' + std::to_string(count_.fetch_add(1)); }

std::optional<std::string> Scratch::take_spare() {
  const std::scoped_lock guard(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const bool rested = !spares_.empty() &&
                      (spares_.size() > kMostResting || now - spares_.front().since >= kSpareRests);
  if (!rested) return std::nullopt;
  std::string path = std::move(spares_.front().path);
  spares_.pop_front();
  return path;
}

void Scratch::give_spare(std::string path) {
  const std::scoped_lock guard(mutex_);
  spares_.push_back({std::move(path), std::chrono::steady_clock::now()});
}

}  // namespace gnocchi::file
