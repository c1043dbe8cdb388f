#pragma once

#include <atomic>
#include <cstdint>
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

 private:
  int base_;
  std::string path_;
  Descriptor directory_;
  std::atomic<std::uint64_t> count_{0};
};

}  // namespace gnocchi::file
