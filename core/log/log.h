#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/config/config.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::log {

using Level = plugin::Log::Level;

enum class Format {
  text,  ///< 2026-11-22T19:02:11.123Z INFO gnocchi-api[4711] [req-...] message
  json,  ///< one object a line
};

struct Options {
  std::string program;
  Level level = Level::info;
  Format format = Format::text;
  std::filesystem::path file;  ///< empty: standard error
  bool syslog = false;
  std::string syslog_facility = "user";
  bool journal = false;
};

/// What [DEFAULT] says about logging: log_file is relative to log_dir, and <program>.log in it if
/// only log_dir is set.
Options options_from(const config::Config& config, std::string program);

/// The process's log: one line per event, lines of different threads never mixed. At most one at a
/// time, made before there are threads; everything else may be called from any thread.
class Logging {
 public:
  /// Throws Error{invalid_config} if the file cannot be opened.
  explicit Logging(const Options& options);
  ~Logging();
  Logging(const Logging&) = delete;
  Logging& operator=(const Logging&) = delete;

  plugin::Log& log() noexcept;
  void set_level(Level level) noexcept;
  /// Opens the file anew after it was rotated away. If that fails, the old one stays in use.
  void reopen();

 private:
  class Sink;
  std::unique_ptr<Sink> sink_;
};

/// While it lives, lines of this thread carry the request's id. May be nested; the inner wins.
class RequestScope {
 public:
  explicit RequestScope(std::string id);
  ~RequestScope();
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

  /// The id in force in this thread; empty outside of requests.
  static const std::string& current() noexcept;

 private:
  std::string outer_;
};

/// "DEBUG", "INFO", "WARNING", "ERROR".
const char* to_string(Level level) noexcept;

}  // namespace gnocchi::log
