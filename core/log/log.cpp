#include "core/log/log.h"

#include <Poco/AutoPtr.h>
#include <Poco/FormattingChannel.h>
#include <Poco/Logger.h>
#include <Poco/SplitterChannel.h>
#include <Poco/SyslogChannel.h>

#include <atomic>
#include <utility>

#include "core/log/channels.h"
#include "core/log/formatters.h"

namespace gnocchi::log {
namespace {

Poco::Message::Priority priority_of(Level level) {
  switch (level) {
    case Level::debug: return Poco::Message::PRIO_DEBUG;
    case Level::info: return Poco::Message::PRIO_INFORMATION;
    case Level::warning: return Poco::Message::PRIO_WARNING;
    case Level::error: return Poco::Message::PRIO_ERROR;
  }
  return Poco::Message::PRIO_ERROR;
}

/// Poco's name of a facility: "LOG_LOCAL0".
std::string facility_of(const std::string& name) {
  std::string facility = "LOG_";
  for (const char c : name) facility += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return facility;
}

Poco::AutoPtr<Poco::Formatter> make_formatter(Format format) {
  if (format == Format::json) return new JsonFormatter;
  return new TextFormatter;
}

}  // namespace

class Logging::Sink final : public plugin::Log {
 public:
  explicit Sink(const Options& options)
      : program_(options.program),
        level_(static_cast<int>(options.level)),
        lines_(new LineChannel(options.file.string())),
        logger_(Poco::Logger::get("gnocchi")) {
    Poco::AutoPtr<Poco::SplitterChannel> all(new Poco::SplitterChannel);
    all->addChannel(Poco::AutoPtr<Poco::FormattingChannel>(
        new Poco::FormattingChannel(make_formatter(options.format), lines_)));
    if (options.syslog) {
      Poco::AutoPtr<Poco::SyslogChannel> syslog(
          new Poco::SyslogChannel(options.program, Poco::SyslogChannel::SYSLOG_PID));
      syslog->setProperty(Poco::SyslogChannel::PROP_FACILITY, facility_of(options.syslog_facility));
      all->addChannel(Poco::AutoPtr<Poco::FormattingChannel>(
          new Poco::FormattingChannel(new BareFormatter, syslog)));
    }
    if (options.journal) all->addChannel(Poco::AutoPtr<JournalChannel>(new JournalChannel));
    logger_.setLevel(Poco::Message::PRIO_TRACE);
    logger_.setChannel(all);
  }

  ~Sink() override { logger_.setChannel(nullptr); }

  void write(Level level, std::string_view message) override {
    if (!enabled(level)) return;
    Poco::Message line(program_, std::string(message), priority_of(level));
    if (const std::string& id = RequestScope::current(); !id.empty()) line.set(kRequestId, id);
    logger_.log(line);
  }

  bool enabled(Level level) const override {
    return static_cast<int>(level) >= level_.load(std::memory_order_relaxed);
  }

  void set_level(Level level) noexcept {
    level_.store(static_cast<int>(level), std::memory_order_relaxed);
  }

  void reopen() { lines_->reopen(); }

 private:
  std::string program_;
  std::atomic<int> level_;
  Poco::AutoPtr<LineChannel> lines_;
  Poco::Logger& logger_;
};

Options options_from(const config::Config& config, std::string program) {
  constexpr char kGroup[] = "DEFAULT";
  Options options;
  if (config.boolean(kGroup, "debug")) {
    options.level = Level::debug;
  } else if (!config.boolean(kGroup, "verbose")) {
    options.level = Level::warning;
  }
  if (config.text(kGroup, "log_format") == "json") options.format = Format::json;
  if (config.has(kGroup, "log_file")) options.file = config.text(kGroup, "log_file");
  if (config.has(kGroup, "log_dir")) {
    const std::filesystem::path name =
        options.file.empty() ? std::filesystem::path(program + ".log") : options.file;
    options.file = std::filesystem::path(config.text(kGroup, "log_dir")) / name;
  }
  options.syslog = config.boolean(kGroup, "use_syslog");
  options.syslog_facility = config.text(kGroup, "syslog_log_facility");
  options.journal = config.boolean(kGroup, "use_journal");
  options.program = std::move(program);
  return options;
}

Logging::Logging(const Options& options) : sink_(std::make_unique<Sink>(options)) {}
Logging::~Logging() = default;
plugin::Log& Logging::log() noexcept { return *sink_; }
void Logging::set_level(Level level) noexcept { sink_->set_level(level); }
void Logging::reopen() { sink_->reopen(); }

const char* to_string(Level level) noexcept { return level_name(priority_of(level)); }

}  // namespace gnocchi::log
