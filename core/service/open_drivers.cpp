#include "core/service/open_drivers.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

#include "core/config/driver_options.h"
#include "core/service/allocator.h"
#include "gnocchi/error.h"

namespace gnocchi::service {
namespace {

// What RocksDB, which takes most, has on it when it is open.
constexpr std::size_t kHeapOfStorage = std::size_t{640} << 10;

using plugin::Kind;

std::vector<std::filesystem::path> plugin_path(const config::Settings& settings) {
  std::vector<std::filesystem::path> path;
  for (std::string& directory : settings.list("DEFAULT", "plugin_path")) {
    path.emplace_back(std::move(directory));
  }
  return path;
}

/// The index first, since most is built on it; who asks for it last.
std::vector<Kind> wanted_kinds(const DriverNeeds& needs) {
  std::vector<Kind> kinds;
  if (needs.indexer) kinds.push_back(Kind::indexer);
  if (needs.coordinator) kinds.push_back(Kind::coordinator);
  if (needs.storage) kinds.push_back(Kind::storage);
  if (needs.incoming) kinds.push_back(Kind::incoming);
  if (needs.authenticator) kinds.push_back(Kind::authenticator);
  return kinds;
}

std::span<const plugin::OptionSpec> specs_of(const plugin::Found& found) {
  return {found.driver->options, found.driver->option_count};
}

plugin::Request request_of(const DriverChoice& choice) {
  plugin::Request request;
  request.kind = choice.kind;
  request.name = choice.name;
  request.asked_by = choice.asked_by;
  return request;
}

/// Sleeps, or ends early because of the stop token.
void sleep_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

OpenDrivers::OpenDrivers(const config::Settings& settings, const DriverNeeds& needs,
                         const std::string& process_name, plugin::Log& log, config::Faults& faults)
    : log_(log), loader_(plugin_path(settings), process_name, log) {
  std::vector<Role> roles;
  std::vector<config::DriverKeys> keys;
  // A url that is there but wrong has been told of; who needs it is not worth a second message.
  const bool url_refused = !faults.empty() && !settings.has("indexer", "url");
  for (const Kind kind : wanted_kinds(needs)) {
    if (url_refused && (kind == Kind::indexer || kind == Kind::coordinator)) continue;
    try {
      Role role;
      role.choice = choose_driver(settings, kind);
      role.found = loader_.find(request_of(role.choice));
      config::make_driver_options(settings, specs_of(role.found), role.choice.sections,
                                  role.choice.given, faults);
      for (const std::string& section : role.choice.sections) {
        keys.push_back({section, specs_of(role.found)});
      }
      roles.push_back(std::move(role));
    } catch (const Error& error) {
      if (error.code() != Error::Code::invalid_config) throw;
      faults.add_once(error.what());
    }
  }
  if (!faults.empty()) return;
  notices_ = config::unknown_driver_keys(settings, keys);
  for (const Role& role : roles) create(role, settings);
}

void OpenDrivers::create(const Role& role, const config::Settings& settings) {
  const plugin::OptionReader read_options = [&](const plugin::DriverSpec& driver) {
    config::Faults faults;
    auto options =
        config::make_driver_options(settings, std::span(driver.options, driver.option_count),
                                    role.choice.sections, role.choice.given, faults);
    faults.throw_if_any();
    return options;
  };
  const plugin::Request request = request_of(role.choice);
  const std::string title = std::string(plugin::to_string(role.choice.kind)) + " " + request.name;
  DriverCalls& calls = calls_.emplace_back(plugin::to_string(role.choice.kind), request.name);
  const bool of_storage = role.choice.kind == Kind::storage || role.choice.kind == Kind::incoming;
  const auto keep = [&](auto& slot, auto driver) {
    slot = std::move(driver);
    in_order_.push_back({title, slot.get(), of_storage});
  };
  switch (role.choice.kind) {
    case Kind::indexer:
      keep(drivers_.indexer, counted(loader_.load_indexer(request, read_options), calls));
      break;
    case Kind::coordinator:
      keep(drivers_.coordinator, counted(loader_.load_coordinator(request, read_options), calls));
      break;
    case Kind::storage:
      keep(drivers_.storage, counted(loader_.load_storage(request, read_options), calls));
      break;
    case Kind::incoming:
      keep(drivers_.incoming,
           counted(loader_.load_incoming(request, read_options), calls, accepted_));
      break;
    case Kind::authenticator:
      keep(drivers_.authenticator,
           counted(loader_.load_authenticator(request, read_options), calls));
      break;
  }
}

OpenDrivers::~OpenDrivers() { stop(); }

bool OpenDrivers::start(const std::stop_token& stop,
                        const std::function<void(const std::string&)>& waiting,
                        const BackOff& back_off) {
  std::stop_source end;
  const std::stop_callback end_too(stop, [&end] { end.request_stop(); });
  const auto start_those = [&](bool of_storage) -> std::exception_ptr {
    try {
      if (of_storage) populate_heap(kHeapOfStorage);
      for (Created& one : in_order_) {
        if (one.of_storage != of_storage || one.started) continue;
        if (!start_one(*one.driver, one.title, end.get_token(), waiting, back_off)) return nullptr;
        one.started = true;
        log_.info("event=driver_started driver=\"" + one.title + "\"");
      }
      return nullptr;
    } catch (...) {
      end.request_stop();
      return std::current_exception();
    }
  };
  auto storage = std::async(std::launch::async, start_those, true);
  const std::exception_ptr failed = start_those(false);
  const std::exception_ptr storage_failed = storage.get();
  if (failed) std::rethrow_exception(failed);
  if (storage_failed) std::rethrow_exception(storage_failed);
  return std::all_of(in_order_.begin(), in_order_.end(),
                     [](const Created& one) { return one.started; });
}

bool OpenDrivers::start_one(Driver& driver, const std::string& title, const std::stop_token& stop,
                            const std::function<void(const std::string&)>& waiting,
                            const BackOff& back_off) {
  for (std::chrono::milliseconds pause = back_off.first; !stop.stop_requested();
       pause = std::min(pause * 2, back_off.longest)) {
    try {
      driver.start();
      return true;
    } catch (const Error& error) {
      if (error.code() != Error::Code::unavailable && error.code() != Error::Code::timed_out) throw;
      log_.warning("event=driver_waits driver=\"" + title + "\" retry_ms=" +
                   std::to_string(pause.count()) + " reason=\"" + error.what() + "\"");
      if (waiting) waiting(title + ": " + error.what());
    }
    sleep_for(pause, stop);
  }
  return false;
}

void OpenDrivers::describe(stats::Text& text) const {
  for (std::size_t i = 0; i < in_order_.size(); ++i) {
    calls_[i].describe(text, in_order_[i].driver->operations());
  }
  if (drivers_.incoming) accepted_.describe(text);
}

void OpenDrivers::stop() noexcept {
  for (auto one = in_order_.rbegin(); one != in_order_.rend(); ++one) {
    if (std::exchange(one->started, false)) one->driver->stop();
  }
}

}  // namespace gnocchi::service
