#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/settings.h"
#include "core/log/log.h"
#include "core/service/arguments.h"
#include "core/service/open_drivers.h"
#include "core/stats/page.h"

/// The one way in which all programs start, run and end.
namespace gnocchi::service {

/// Exit statuses, beside 0.
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitConfig = 78;  ///< EX_CONFIG

struct ProgramSpec {
  std::string name;     ///< "gnocchi-metricd"
  std::string summary;  ///< for --help
  /// Beside those that every program has: --config-file, --config-dir, --log-file, --log-dir,
  /// --debug, --verbose, --help, --version.
  std::vector<CommandOption> options;
  std::string operands;  ///< how --help calls them: "FILE..."; empty: none are taken
  DriverNeeds drivers;   ///< checked and created before the body runs; it starts them
  /// The same where it depends on the command line; wins over `drivers`.
  std::function<DriverNeeds(const Arguments&)> needs;
  /// Makes settings of the command line and of what is configured without what is made here.
  using MakeSettings = std::function<std::vector<config::Assignment>(
      const Arguments&, const config::Settings& configured)>;
  /// Defaults that this program has in place of the option tables'.
  MakeSettings defaults;
  /// Settings that win over gnocchi.conf's.
  MakeSettings overrides;
  /// False: no gnocchi.conf is read; Program::config() is all defaults, log goes to stderr.
  bool reads_config = true;
};

class Run;

/// What the body of a program works with. Any thread, unless said otherwise.
class Program {
 public:
  Program(const ProgramSpec& spec, const Arguments& arguments,
          std::unique_ptr<config::Settings> settings, std::unique_ptr<log::Logging> logging);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const std::string& name() const noexcept { return name_; }
  const Arguments& arguments() const noexcept { return arguments_; }
  const config::Settings& config() const noexcept { return *settings_; }
  plugin::Log& log() noexcept { return logging_->log(); }
  /// Those that ProgramSpec::drivers names; not started yet.
  OpenDrivers& drivers() noexcept { return *drivers_; }

  /// What the program tells of itself: the process, the build and the drivers say their part
  /// already; a body adds its own.
  stats::Page& stats() noexcept { return stats_; }

  /// Starts the drivers and tells systemd what is waited for meanwhile. False: it is time to stop.
  [[nodiscard]] bool start_drivers();

  /// SIGTERM or SIGINT came, or stop() or fail() was called. Callbacks on it run in the thread that
  /// receives signals.
  std::stop_token stopping() const noexcept { return stop_.get_token(); }
  void wait_for_stop() const;
  /// Waits for a SIGHUP too: the settings as the files have them now, for a body that starts anew
  /// with them. Null: it is time to stop. The drivers keep the options they have.
  std::unique_ptr<config::Settings> wait_for_reload();
  void stop() noexcept { stop_.request_stop(); }
  /// Stops; when the body has returned, the program ends as if the body had thrown this.
  void fail(std::exception_ptr reason);

  /// Called at each SIGHUP, after the log was opened anew and its level read again, with the
  /// settings as the files now have them; only a body that says so takes more of them over. In the
  /// thread that receives signals.
  void on_reload(std::function<void(const config::Settings& fresh)> handler);

  /// Tells systemd, and the log, that the program does its work now.
  void ready();

 private:
  friend class Run;

  void reload();
  void rethrow_failure();

  std::string name_;
  const ProgramSpec& spec_;
  const Arguments arguments_;
  std::unique_ptr<config::Settings> settings_;
  std::unique_ptr<log::Logging> logging_;
  std::unique_ptr<OpenDrivers> drivers_;
  stats::Page stats_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::function<void(const config::Settings&)>> reload_handlers_;
  std::unique_ptr<config::Settings> reloaded_;  ///< not yet taken by wait_for_reload()
  std::condition_variable_any reload_changed_;
};

/// The whole of main(): reads command line and configuration, sets up log and signals, opens
/// drivers, runs the body and turns what it throws into an exit status: 0 (or what the body
/// returns), 2 for a wrong command line, 78 for Error{invalid_config}, 1 for anything else.
int run(const ProgramSpec& spec, int argc, const char* const* argv,
        const std::function<int(Program&)>& body);

}  // namespace gnocchi::service
