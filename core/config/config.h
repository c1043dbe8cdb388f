#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/plugin/context.h"
#include "gnocchi/plugin/manifest.h"

namespace gnocchi::config {

/// The settings in force: gnocchi.conf, its directories, the environment and defaults, checked.
/// Immutable; any thread may read. Asking for an option that no table declares is
/// Error{internal}. Reading the files: config/reader.h. Core's options: config/core_options.h.
class Config {
 public:
  virtual ~Config() = default;
  virtual std::string text(std::string_view group, std::string_view name) const = 0;
  virtual std::int64_t integer(std::string_view group, std::string_view name) const = 0;
  virtual double real(std::string_view group, std::string_view name) const = 0;
  virtual bool boolean(std::string_view group, std::string_view name) const = 0;
  virtual std::chrono::nanoseconds duration(std::string_view group,
                                            std::string_view name) const = 0;
  /// A text option taken as oslo's comma-separated list; quotes allowed.
  virtual std::vector<std::string> list(std::string_view group, std::string_view name) const = 0;
  /// False: not set by anybody and without default.
  virtual bool has(std::string_view group, std::string_view name) const = 0;
  /// True only if a file or the environment sets it.
  virtual bool is_set(std::string_view group, std::string_view name) const = 0;
};

}  // namespace gnocchi::config
