#include "api/api_server.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "api/application.h"
#include "api/epoll_server.h"
#include "api/error_pages.h"
#include "api/errors.h"
#include "api/request_id.h"
#include "api/router.h"
#include "api/services.h"
#include "core/index/archive_policy_cache.h"
#include "core/index/metric_cache.h"
#include "core/index/watched_indexer.h"
#include "core/pipeline/backlog.h"
#include "core/pipeline/heartbeat.h"
#include "core/pipeline/processor.h"
#include "core/policy/file_enforcer.h"
#include "core/policy/policy_files.h"
#include "core/query/measures.h"

namespace gnocchi::api {
namespace {

// Handlers wait for the index, for storage and for the disk, so there are more threads than
// processors: large batches, or creations, of as many requests share a sync.
constexpr unsigned kThreadsPerProcessor = 8;
constexpr unsigned kMinThreads = 16;
// Bodies that all clients may have on the way together, in units of the largest allowed.
constexpr std::size_t kMaxBodiesInMemory = 8;
// About 500 bytes each.
constexpr std::size_t kCachedMetrics = 100'000;
// Descriptors that connections leave to files of drivers, and to connections of theirs; where there
// are few, a half.
constexpr std::size_t kDriversDescriptors = 1024;
// Seconds; a backend that is away is looked for anew after half a second at first.
constexpr char kRetryWhileStarting[] = "1";

/// How many connections there may be: each is a file descriptor.
std::size_t max_connections() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return ServerOptions{}.max_connections;
  // The soft limit, 1,024 for select()'s sake, is raised before the server starts.
  const auto descriptors = static_cast<std::size_t>(limit.rlim_max);
  return descriptors - std::min(kDriversDescriptors, descriptors / 2);
}

ServerOptions server_options(const config::Config& config) {
  ServerOptions options;
  options.max_connections = max_connections();
  options.host = config.text("api", "host");
  options.port = static_cast<std::uint16_t>(config.integer("api", "port"));
  options.threads =
      config.has("api", "threads")
          ? static_cast<unsigned>(config.integer("api", "threads"))
          : std::max(kMinThreads, kThreadsPerProcessor * std::thread::hardware_concurrency());
  options.max_body_bytes =
      static_cast<std::size_t>(config.integer("oslo_middleware", "max_request_body_size"));
  options.max_buffered_bytes =
      std::max(options.max_buffered_bytes, options.max_body_bytes * kMaxBodiesInMemory);
  const auto stop = std::chrono::duration_cast<std::chrono::milliseconds>(
      config.duration("DEFAULT", "graceful_shutdown_timeout"));
  options.stop_timeout = stop.count() == 0 ? std::chrono::hours(24) : stop;
  return options;
}

std::vector<std::filesystem::path> config_folders(const config::Settings& settings) {
  std::vector<std::filesystem::path> folders;
  for (const auto& file : settings.sources().files) folders.push_back(file.parent_path());
  if (folders.empty()) folders.emplace_back("/etc/gnocchi");
  return folders;
}

}  // namespace

Router make_router(Services& services, const stats::Page& page) {
  Router router;
  add_stats_routes(router, services.config, page);
  add_openapi_route(router);
  add_root_routes(router, services);
  add_archive_policy_routes(router, services);
  add_archive_policy_rule_routes(router, services);
  add_resource_type_routes(router, services);
  add_resource_routes(router, services);
  add_search_routes(router, services);
  add_metric_routes(router, services);
  add_measures_routes(router, services);
  add_batch_routes(router, services);
  add_influxdb_routes(router, services);
  add_prometheus_routes(router, services);
  add_aggregates_routes(router, services);
  add_aggregation_routes(router, services);
  add_metric_search_routes(router, services);
  return router;
}

namespace {

/// Each idle connection is a file descriptor; the usual soft limit of 1,024 is for select()'s sake.
void raise_descriptor_limit(plugin::Log& log) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) log.warning("the limit of open files stays low");
}

/// What answers requests once the drivers are started.
struct Controllers {
  Controllers(const config::Config& config, const policy::Enforcer& enforcer,
              service::Drivers& drivers, const stats::Page& page, plugin::Log& log)
      : processor(*drivers.storage, *drivers.incoming, *drivers.indexer, *drivers.coordinator, log,
                  config.duration("metricd", "metric_inactive_after")),
        metrics(*drivers.indexer, config.duration("api", "metric_cache_time"), kCachedMetrics),
        indexer(*drivers.indexer, metrics),
        archive_policies(indexer),
        reader(*drivers.storage,
               config.boolean("api", "immediate_reads") ? drivers.incoming.get() : nullptr,
               static_cast<std::size_t>(config.integer("api", "max_pending_bytes")), log),
        services{config,
                 enforcer,
                 indexer,
                 *drivers.storage,
                 *drivers.incoming,
                 *drivers.coordinator,
                 processor,
                 archive_policies,
                 metrics,
                 reader,
                 log,
                 [] { return Timestamp(std::chrono::system_clock::now()); }},
        application(config, *drivers.authenticator, *drivers.incoming, make_router(services, page),
                    log),
        backlog(*drivers.incoming, log),
        heartbeat(*drivers.coordinator, log) {}

  void describe(stats::Text& text) {
    application.describe(text);
    processor.describe("request", text);
    archive_policies.describe(text);
    metrics.describe(text);
    reader.describe(text);
    backlog.describe(text);
  }

  pipeline::Processor processor;
  index::MetricCache metrics;
  index::WatchedIndexer indexer;
  index::ArchivePolicyCache archive_policies;
  query::Reader reader;
  Services services;
  Application application;
  pipeline::Backlog backlog;
  pipeline::Heartbeat heartbeat;  ///< of the sacks that requests process
};

Response not_ready(const Request& request) {
  Headers headers;
  headers.set("Retry-After", kRetryWhileStarting);
  headers.set("X-Openstack-Request-Id", new_request_id());
  return render_error(request, HttpError(503, {"Gnocchi is starting: a backend is waited for."},
                                         std::move(headers)));
}

}  // namespace

struct ApiServer::Parts {
  Parts(const config::Settings& config_, service::Drivers& drivers_, stats::Page& page_,
        plugin::Log& log_)
      : config(config_),
        drivers(drivers_),
        page(page_),
        log(log_),
        enforcer(policy::sources_from(config, config_folders(config)), log),
        server(
            server_options(config), [this](Request request) { return answer(std::move(request)); },
            log,
            [this](std::span<Handled> answers) {
              serving.load(std::memory_order_acquire)->application.finish(answers);
            }) {
    page.add([this](stats::Text& text) {
      server.describe(text);
      if (Controllers* const ready = serving.load(std::memory_order_acquire)) ready->describe(text);
    });
  }

  Handled answer(Request request) {
    Controllers* const ready = serving.load(std::memory_order_acquire);
    return ready ? ready->application.begin(std::move(request)) : not_ready(request);
  }

  const config::Settings& config;
  service::Drivers& drivers;
  stats::Page& page;
  plugin::Log& log;
  policy::FileEnforcer enforcer;
  std::unique_ptr<Controllers> controllers;
  std::atomic<Controllers*> serving = nullptr;
  EpollServer server;
};

ApiServer::ApiServer(const config::Settings& settings, service::Drivers& drivers, stats::Page& page,
                     plugin::Log& log)
    : parts_(std::make_unique<Parts>(settings, drivers, page, log)) {}

ApiServer::~ApiServer() { stop(); }

void ApiServer::start() {
  raise_descriptor_limit(parts_->log);
  parts_->server.start();
  parts_->log.info("listening port=" + std::to_string(parts_->server.port()));
}

void ApiServer::serve() {
  parts_->controllers = std::make_unique<Controllers>(parts_->config, parts_->enforcer,
                                                      parts_->drivers, parts_->page, parts_->log);
  parts_->serving.store(parts_->controllers.get(), std::memory_order_release);
}

void ApiServer::stop() noexcept { parts_->server.stop(); }

std::uint16_t ApiServer::port() const noexcept { return parts_->server.port(); }

void ApiServer::reload_policy() { parts_->enforcer.reload(); }

}  // namespace gnocchi::api
