#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "gnocchi/plugin/context.h"

namespace gnocchi::support {

/// A driver's options as texts; all that it asks for must be there. Durations are seconds, as in
/// gnocchi.conf.
class TextOptions final : public plugin::Options {
 public:
  explicit TextOptions(std::map<std::string, std::string> all = {}) : texts(std::move(all)) {}

  std::string text(std::string_view name) const override { return texts.at(std::string(name)); }
  std::int64_t integer(std::string_view name) const override { return std::stoll(text(name)); }
  double real(std::string_view name) const override { return std::stod(text(name)); }
  bool boolean(std::string_view name) const override { return text(name) == "true"; }
  std::chrono::nanoseconds duration(std::string_view name) const override {
    const std::chrono::duration<double> seconds(real(name));
    return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
  }
  bool has(std::string_view name) const override { return texts.contains(std::string(name)); }

  std::map<std::string, std::string> texts;
};

}  // namespace gnocchi::support
