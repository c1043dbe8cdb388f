#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "gnocchi/plugin/context.h"

namespace gnocchi::support {

/// Remembers what was logged.
class MemoryLog : public plugin::Log {
 public:
  void write(Level level, std::string_view message) override {
    const std::scoped_lock guard(mutex_);
    lines_.emplace_back(level, std::string(message));
  }
  bool enabled(Level) const override { return true; }

  /// The lines that contain `part`, whatever their level.
  std::vector<std::string> find(std::string_view part) const {
    const std::scoped_lock guard(mutex_);
    std::vector<std::string> found;
    for (const auto& [level, line] : lines_) {
      if (line.find(part) != std::string::npos) found.push_back(line);
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<Level, std::string>> lines_;
};

}  // namespace gnocchi::support
