#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "posix.h"

namespace gnocchi::file {

/// A directory of this instance's own under <file_basepath>/tmp, for files not yet in place. Held
/// by flock: what a killed process left is recognised by its free lock and removed by the next that
/// starts. Any thread.
class Scratch {
 public:
  /// `base`: file_basepath, opened; it must stay open.
  explicit Scratch(int base);
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  /// A path not yet in use, relative to file_basepath.
  std::string next_path();

  /// Files that were exchanged for newer ones are written again rather than removed: on ext4,
  /// making a file costs more, the more were removed in the last minutes, up to milliseconds. One
  /// comes back only after a while (while there are not too many), so that a program that has just
  /// opened it under its old name, a backup for instance, does not read the next one's bytes.
  std::optional<std::string> take_spare();
  void give_spare(std::string path);

 private:
  struct Spare {
    std::string path;
    std::chrono::steady_clock::time_point since;
  };

  int base_;
  std::string path_;
  Descriptor directory_;
  std::atomic<std::uint64_t> count_{0};
  std::mutex mutex_;          ///< guards spares_
  std::deque<Spare> spares_;  ///< oldest first
};

}  // namespace gnocchi::file
