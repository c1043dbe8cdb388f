#include "core/service/program.h"

#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "core/config/profiles.h"
#include "core/service/allocator.h"
#include "core/service/notify.h"
#include "core/service/signals.h"
#include "core/stats/process.h"
#include "gnocchi/error.h"
#include "gnocchi/version.h"

namespace gnocchi::service {
namespace {

// What a program with drivers has on its heap when it is ready.
constexpr std::size_t kHeapAtStart = std::size_t{768} << 10;

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
                                        const std::vector<config::Assignment>& overrides,
                                        std::vector<config::Assignment> defaults, Faults& faults) {
  if (!spec.reads_config) {
    Faults ignored;  // nothing is set, so only what must be set is missing
    config::Sources sources;
    sources.defaults = std::move(defaults);
    return std::make_unique<Settings>(std::move(sources), ignored);
  }
  std::vector<std::filesystem::path> files, directories;
  for (std::string& file : arguments.values("config-file")) files.emplace_back(std::move(file));
  for (std::string& dir : arguments.values("config-dir")) directories.emplace_back(std::move(dir));
  auto given = assignments(all_options(spec), arguments);
  given.insert(given.end(), overrides.begin(), overrides.end());
  return config::read_settings(spec.name, files, directories, std::move(given), std::move(defaults),
                               faults);
}

std::unique_ptr<Settings> read_settings(const ProgramSpec& spec, const Arguments& arguments,
                                        Faults& faults) {
  if (!spec.defaults && !spec.overrides) return read_settings(spec, arguments, {}, {}, faults);
  Faults told_later;  // by the second reading
  const auto configured = read_settings(spec, arguments, {}, {}, told_later);
  const auto made = [&](const ProgramSpec::MakeSettings& make) {
    return make ? make(arguments, *configured) : std::vector<config::Assignment>{};
  };
  return read_settings(spec, arguments, made(spec.overrides), made(spec.defaults), faults);
}

void print_error(const ProgramSpec& spec, std::string_view message) {
  std::fprintf(stderr, "%s: %.*s\n", spec.name.c_str(), static_cast<int>(message.size()),
               message.data());
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
      logging_(std::move(logging)) {
  stats_.add([this](stats::Text& text) {
    text.gauge("gnocchi_build_info", "Always 1; the labels tell what runs.")
        .add({{"program", name_}, {"version", GNOCCHI_VERSION}}, std::uint64_t{1});
    stats::add_process(text);
    if (drivers_) drivers_->describe(text);
  });
}

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

std::unique_ptr<Settings> Program::wait_for_reload() {
  std::unique_lock lock(mutex_);
  reload_changed_.wait(lock, stopping(), [this] { return reloaded_ != nullptr; });
  if (stopping().stop_requested()) return nullptr;
  return std::move(reloaded_);
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
    auto fresh = read_settings(spec_, arguments_, faults);
    faults.throw_if_any();
    logging_->set_level(log::options_from(*fresh, name_).level);
    std::vector<std::function<void(const Settings&)>> handlers;
    {
      const std::scoped_lock guard(mutex_);
      handlers = reload_handlers_;
    }
    for (const auto& handler : handlers) handler(*fresh);
    {
      const std::scoped_lock guard(mutex_);
      reloaded_ = std::move(fresh);
    }
    reload_changed_.notify_all();
    log().info("event=reloaded");
  } catch (const std::exception& error) {
    log().error(std::string("event=reload_failed reason=\"") + error.what() + "\"");
  }
  notify_systemd("READY=1");
}

/// One run of a program, from the command line to the exit status.
class Run {
 public:
  explicit Run(const ProgramSpec& spec) : spec_(spec) {}

  int from_command_line(int argc, const char* const* argv,
                        const std::function<int(Program&)>& body) {
    const std::vector<CommandOption> options = all_options(spec_);
    const Arguments arguments(options, !spec_.operands.empty(), argc, argv);
    if (arguments.flag("help")) {
      std::fputs(help_text(spec_.name, spec_.summary, spec_.operands, options).c_str(), stdout);
      return 0;
    }
    if (arguments.flag("version")) {
      std::printf("%s %s\n", spec_.name.c_str(), GNOCCHI_VERSION);
      return 0;
    }
    const BlockedSignals blocked;
    if (!prepare(arguments)) return kExitConfig;
    const SignalThread signals(blocked, handlers());
    const int status = body(*program_);
    program_->rethrow_failure();
    program_->drivers_->stop();
    return status;
  }

  void tell(std::string_view message) {
    if (program_) program_->log().error("event=ends reason=\"" + std::string(message) + "\"");
    if (!program_ || !log_is_stderr_) print_error(spec_, message);
  }

 private:
  /// Settings, log, drivers. False: there are faults, and they have been told.
  bool prepare(const Arguments& arguments) {
    Faults faults;
    auto settings = read_settings(spec_, arguments, faults);
    const log::Options log_options = log::options_from(*settings, spec_.name);
    log_is_stderr_ = log_options.file.empty();
    std::unique_ptr<log::Logging> logging;
    try {
      logging = std::make_unique<log::Logging>(log_options);
    } catch (const Error& error) {
      faults.add(error.what());
      for (const std::string& message : faults.messages()) print_error(spec_, message);
      return false;
    }
    program_ = std::make_unique<Program>(spec_, arguments, std::move(settings), std::move(logging));
    const DriverNeeds needs = spec_.needs ? spec_.needs(arguments) : spec_.drivers;
    program_->drivers_ = std::make_unique<OpenDrivers>(program_->config(), needs, spec_.name,
                                                       program_->log(), faults);
    for (const std::string& message : faults.messages()) {
      program_->log().error(message);
      if (!log_is_stderr_) print_error(spec_, message);
    }
    if (faults.empty()) log_start();
    return faults.empty();
  }

  void log_start() {
    if (spec_.reads_config) {
      program_->log().info("event=starts version=" GNOCCHI_VERSION " config=" +
                           joined(program_->config().sources().files));
    }
    for (const auto* notices : {&program_->config().notices(), &program_->drivers_->notices()}) {
      for (const config::Notice& one : *notices) program_->log().write(one.level, one.message);
    }
  }

  SignalHandlers handlers() {
    Program* const program = program_.get();
    SignalHandlers made;
    made.stop = [program] {
      program->log().info("event=stops");
      notify_systemd("STOPPING=1");
      program->stop();
    };
    made.reload = [program] { program->reload(); };
    made.give_up = [program] {
      program->log().error("event=gives_up reason=\"not ended in time\"");
      ::_exit(kExitFailed);
    };
    made.patience = program->config().duration("DEFAULT", "graceful_shutdown_timeout");
    return made;
  }

  const ProgramSpec& spec_;
  std::unique_ptr<Program> program_;
  bool log_is_stderr_ = true;
};

int run(const ProgramSpec& spec, int argc, const char* const* argv,
        const std::function<int(Program&)>& body) {
  keep_freed_memory();
  populate_heap(kHeapAtStart);
  Run one(spec);
  try {
    return one.from_command_line(argc, argv, body);
  } catch (const UsageError& error) {
    one.tell(error.what());
    print_error(spec, "--help tells the options");
    return kExitUsage;
  } catch (const Error& error) {
    one.tell(error.what());
    return error.code() == Error::Code::invalid_config ? kExitConfig : kExitFailed;
  } catch (const std::exception& error) {
    one.tell(error.what());
    return kExitFailed;
  }
}

}  // namespace gnocchi::service
