#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gnocchi/plugin/context.h"

namespace gnocchi::support {

/// Remembers what was logged.
class MemoryLog : public plugin::Log {
 public:
  void write(Level level, std::string_view message) override {
    const std::scoped_lock guard(*mutex_);
    lines_.emplace_back(level, std::string(message));
  }
  bool enabled(Level) const override { return true; }

  /// The texts of warnings and errors.
  std::vector<std::string> warnings() const {
    const std::scoped_lock guard(*mutex_);
    std::vector<std::string> found;
    for (const auto& [level, line] : lines_) {
      if (level >= Level::warning) found.push_back(line);
    }
    return found;
  }

  /// The lines that contain `part`, whatever their level.
  std::vector<std::string> find(std::string_view part) const {
    const std::scoped_lock guard(*mutex_);
    std::vector<std::string> found;
    for (const auto& [level, line] : lines_) {
      if (line.find(part) != std::string::npos) found.push_back(line);
    }
    return found;
  }

 private:
  /// On the heap: a std::mutex of the stack ends unseen by ThreadSanitizer, which takes the next
  /// test's mutex at that place for this one.
  const std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();
  std::vector<std::pair<Level, std::string>> lines_;
};

}  // namespace gnocchi::support
