#include "api/stats_server.h"

#include <utility>

#include "api/epoll_server.h"
#include "api/error_pages.h"
#include "api/errors.h"
#include "api/router.h"
#include "api/services.h"

namespace gnocchi::api {
namespace {

ServerOptions small_server(std::string host, std::uint16_t port) {
  ServerOptions options;
  options.host = std::move(host);
  options.port = port;
  // One that waits for a driver to tell its backlog must not keep others from being refused.
  options.threads = 2;
  options.max_body_bytes = 0;
  options.max_buffered_bytes = std::size_t{16} << 20;
  options.max_queued_requests = 16;
  options.stop_timeout = std::chrono::seconds(1);
  return options;
}

}  // namespace

struct StatsServer::Parts {
  Parts(std::string host, std::uint16_t port, const stats::Page& page, plugin::Log& log)
      : server(
            small_server(std::move(host), port),
            [this](const Request& request) { return answer(request); }, log) {
    router.add_open("GET", "/metrics",
                    [&page](const Request&, const PathArguments&, Response& response) {
                      answer_stats(page, response);
                    });
  }

  Response answer(const Request& request) const {
    try {
      Response response;
      const auto match = router.find(request.method, request.raw_path);
      (*match.handler)(request, match.arguments, response);
      return response;
    } catch (const HttpError& error) {
      return render_error(request, error);
    }
  }

  Router router;
  EpollServer server;
};

StatsServer::StatsServer(std::string host, std::uint16_t port, const stats::Page& page,
                         plugin::Log& log)
    : parts_(std::make_unique<Parts>(std::move(host), port, page, log)) {}

StatsServer::~StatsServer() { stop(); }

void StatsServer::start() { parts_->server.start(); }

void StatsServer::stop() noexcept { parts_->server.stop(); }

std::uint16_t StatsServer::port() const noexcept { return parts_->server.port(); }

}  // namespace gnocchi::api
