#include "core/service/program.h"

#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "core/config/profiles.h"
#include "core/service/notify.h"
#include "core/service/signals.h"
#include "gnocchi/error.h"
#include "gnocchi/version.h"

namespace gnocchi::service {
namespace {

using config::Faults;
using config::Settings;
using plugin::OptionType;

std::vector<CommandOption> all_options(const ProgramSpec& spec) {
  std::vector<CommandOption> all = spec.options;
  const CommandOption of_config[] = {
      {{"config-file", OptionType::path, nullptr,
        "read this file, not /etc/gnocchi/gnocchi.conf; may be repeated"},
       nullptr,
       0,
       "FILE"},
      {{"config-dir", OptionType::path, nullptr,
        "read the *.conf of this directory; may be repeated"},
       nullptr,
       0,
       "DIR"},
      {{"log-file", OptionType::path, nullptr, "log to this file, not to standard error"},
       "DEFAULT.log_file",
       0,
       "FILE"},
      {{"log-dir", OptionType::path, nullptr, "directory of the log file"},
       "DEFAULT.log_dir",
       0,
       "DIR"},
      {{"debug", OptionType::boolean, nullptr, "log at level DEBUG"}, "DEFAULT.debug", 'd'},
      {{"verbose", OptionType::boolean, nullptr, "log at level INFO (the default)"},
       "DEFAULT.verbose",
       'v'},
  };
  if (spec.reads_config) all.insert(all.end(), std::begin(of_config), std::end(of_config));
  all.push_back({{"version", OptionType::boolean, nullptr, "print the version and end"}});
  all.push_back({{"help", OptionType::boolean, nullptr, "print this and end"}, nullptr, 'h'});
  return all;
}

std::vector<config::Assignment> assignments(const std::vector<CommandOption>& options,
                                            const Arguments& arguments) {
  std::vector<config::Assignment> all;
  for (const CommandOption& option : options) {
    if (option.setting == nullptr || !arguments.given(option.spec.name)) continue;
    const std::string_view setting = option.setting;
    const std::size_t dot = setting.find('.');
    // A shell has replaced what was to be replaced.
    const std::string value = config::literal(arguments.value(option.spec.name).value());
    all.push_back(
        {std::string(setting.substr(0, dot)), std::string(setting.substr(dot + 1)), value});
  }
  return all;
}

std::unique_ptr<Settings> read_settings(const ProgramSpec& spec, const Arguments& arguments,
                                        Faults& faults) {
  std::vector<config::Assignment> defaults;
  if (spec.defaults) defaults = spec.defaults(arguments);
  if (!spec.reads_config) {
    Faults ignored;  // nothing is set, so only what must be set is missing
    config::Sources sources;
    sources.defaults = std::move(defaults);
    return std::make_unique<Settings>(std::move(sources), ignored);
  }
  std::vector<std::filesystem::path> files, directories;
  for (std::string& file : arguments.values("config-file")) files.emplace_back(std::move(file));
  for (std::string& dir : arguments.values("config-dir")) directories.emplace_back(std::move(dir));
  return config::read_settings(spec.name, files, directories,
                               assignments(all_options(spec), arguments), std::move(defaults),
                               faults);
}

void print_error(const ProgramSpec& spec, std::string_view message) {
  std::fprintf(stderr, "%s: %.*s\n", spec.name.c_str(), static_cast<int>(message.size()),
               message.data());
}

/// For the operator at the terminal, and, where the log goes to a file, for who reads that.
void report_faults(const ProgramSpec& spec, const std::vector<std::string>& messages,
                   plugin::Log* log, bool log_is_stderr) {
  for (const std::string& message : messages) {
    if (log != nullptr) log->error(message);
    if (log == nullptr || !log_is_stderr) print_error(spec, message);
  }
}

std::string joined(const std::vector<std::filesystem::path>& files) {
  std::string all;
  for (const std::filesystem::path& file : files) {
    all.append(all.empty() ? "" : ",").append(file.string());
  }
  return all.empty() ? "none" : all;
}

}  // namespace

Program::Program(const ProgramSpec& spec, const Arguments& arguments,
                 std::unique_ptr<Settings> settings, std::unique_ptr<log::Logging> logging)
    : name_(spec.name),
      spec_(spec),
      arguments_(arguments),
      settings_(std::move(settings)),
      logging_(std::move(logging)) {}

Program::~Program() = default;

bool Program::start_drivers() {
  return drivers_->start(stopping(), [](const std::string& reason) {
    // The next report comes within BackOff::longest.
    notify_systemd("EXTEND_TIMEOUT_USEC=120000000\nSTATUS=waiting for " + reason);
  });
}

void Program::wait_for_stop() const {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stopping(), [] { return false; });
}

void Program::fail(std::exception_ptr reason) {
  {
    const std::scoped_lock guard(mutex_);
    if (!failure_) failure_ = std::move(reason);
  }
  stop();
}

void Program::rethrow_failure() {
  const std::scoped_lock guard(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

void Program::on_reload(std::function<void(const Settings&)> handler) {
  const std::scoped_lock guard(mutex_);
  reload_handlers_.push_back(std::move(handler));
}

void Program::ready() {
  log().info("event=ready");
  notify_systemd("READY=1\nSTATUS=running");
}

void Program::reload() {
  notify_reloading();
  try {
    logging_->reopen();
    Faults faults;
    const auto fresh = read_settings(spec_, arguments_, faults);
    faults.throw_if_any();
    logging_->set_level(log::options_from(*fresh, name_).level);
    std::vector<std::function<void(const Settings&)>> handlers;
    {
      const std::scoped_lock guard(mutex_);
      handlers = reload_handlers_;
    }
    for (const auto& handler : handlers) handler(*fresh);
    log().info("event=reloaded");
  } catch (const std::exception& error) {
    log().error(std::string("event=reload_failed reason=\"") + error.what() + "\"");
  }
  notify_systemd("READY=1");
}

int run(const ProgramSpec& spec, int argc, const char* const* argv,
        const std::function<int(Program&)>& body) {
  std::unique_ptr<Program> program;
  bool log_is_stderr = true;
  const auto tell = [&](std::string_view message) {
    if (program) program->log().error("event=ends reason=\"" + std::string(message) + "\"");
    if (!program || !log_is_stderr) print_error(spec, message);
  };
  try {
    const std::vector<CommandOption> options = all_options(spec);
    const Arguments arguments(options, !spec.operands.empty(), argc, argv);
    if (arguments.flag("help")) {
      std::fputs(help_text(spec.name, spec.summary, spec.operands, options).c_str(), stdout);
      return 0;
    }
    if (arguments.flag("version")) {
      std::printf("%s %s\n", spec.name.c_str(), GNOCCHI_VERSION);
      return 0;
    }
    const BlockedSignals blocked;
    Faults faults;
    auto settings = read_settings(spec, arguments, faults);
    const log::Options log_options = log::options_from(*settings, spec.name);
    log_is_stderr = log_options.file.empty();
    std::unique_ptr<log::Logging> logging;
    try {
      logging = std::make_unique<log::Logging>(log_options);
    } catch (const Error& error) {
      faults.add(error.what());
      report_faults(spec, faults.messages(), nullptr, true);
      return kExitConfig;
    }
    program = std::make_unique<Program>(spec, arguments, std::move(settings), std::move(logging));
    const DriverNeeds needs = spec.needs ? spec.needs(arguments) : spec.drivers;
    program->drivers_ =
        std::make_unique<OpenDrivers>(program->config(), needs, spec.name, program->log(), faults);
    if (!faults.empty()) {
      report_faults(spec, faults.messages(), &program->log(), log_is_stderr);
      return kExitConfig;
    }
    if (spec.reads_config) {
      program->log().info("event=starts version=" GNOCCHI_VERSION " config=" +
                          joined(program->config().sources().files));
    }
    for (const auto* notices : {&program->config().notices(), &program->drivers_->notices()}) {
      for (const config::Notice& one : *notices) program->log().write(one.level, one.message);
    }
    SignalHandlers handlers;
    handlers.stop = [&program] {
      program->log().info("event=stops");
      notify_systemd("STOPPING=1");
      program->stop();
    };
    handlers.reload = [&program] { program->reload(); };
    handlers.give_up = [&program] {
      program->log().error("event=gives_up reason=\"not ended in time\"");
      ::_exit(kExitFailed);
    };
    handlers.patience = program->config().duration("DEFAULT", "graceful_shutdown_timeout");
    const SignalThread signals(blocked, handlers);
    const int status = body(*program);
    program->rethrow_failure();
    program->drivers_->stop();
    return status;
  } catch (const UsageError& error) {
    tell(error.what());
    print_error(spec, "--help tells the options");
    return kExitUsage;
  } catch (const Error& error) {
    tell(error.what());
    return error.code() == Error::Code::invalid_config ? kExitConfig : kExitFailed;
  } catch (const std::exception& error) {
    tell(error.what());
    return kExitFailed;
  }
}

}  // namespace gnocchi::service
