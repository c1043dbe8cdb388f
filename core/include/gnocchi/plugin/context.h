#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gnocchi/export.h"

namespace gnocchi::plugin {

/// The driver's options: already typed, in range, defaults filled in. Asking for a name or a type
/// that the driver's OptionSpec table does not declare throws Error{internal}.
class GNOCCHI_API Options {
 public:
  virtual ~Options();
  /// Text, path and url options.
  virtual std::string text(std::string_view name) const = 0;
  virtual std::int64_t integer(std::string_view name) const = 0;
  virtual double real(std::string_view name) const = 0;
  virtual bool boolean(std::string_view name) const = 0;
  virtual std::chrono::nanoseconds duration(std::string_view name) const = 0;
  /// False where the user set nothing and the option has no default; then no getter may be called.
  virtual bool has(std::string_view name) const = 0;
};

/// Where a driver says what happens to it. Any thread. One line per event, key=value details.
class GNOCCHI_API Log {
 public:
  enum class Level { debug, info, warning, error };
  virtual ~Log();
  virtual void write(Level level, std::string_view message) = 0;
  virtual bool enabled(Level level) const = 0;

  void debug(std::string_view m) { write(Level::debug, m); }
  void info(std::string_view m) { write(Level::info, m); }
  void warning(std::string_view m) { write(Level::warning, m); }
  void error(std::string_view m) { write(Level::error, m); }
};

/// What core lends a driver for its whole life.
struct Context {
  const Options& options;
  Log& log;
  std::string process_name;  ///< "gnocchi-metricd"
};

}  // namespace gnocchi::plugin
