#include "http_client.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>
#include <thread>

#include "gnocchi/error.h"
#include "http_exchange.h"

namespace gnocchi::keystone {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostIdle = 16;  // to one server; as many as requests miss the cache at once
// Servers give up idle connections after 5 s (Apache) to 75 s (nginx).
constexpr auto kIdleTime = std::chrono::seconds{30};
constexpr Duration kFirstPause = std::chrono::milliseconds{100};

}  // namespace

struct HttpClient::Target {
  bool tls;
  Place place;
  std::string host;  // for the header
  std::string path;
  std::string origin;

  explicit Target(const std::string& url) {
    try {
      const Poco::URI uri(url);
      tls = uri.getScheme() == "https";
      place = {uri.getHost(), uri.getPort()};
      if (place.host.starts_with('[')) place.host = place.host.substr(1, place.host.size() - 2);
      host = uri.getAuthority();
      path = uri.getPathEtc();
    } catch (const Poco::Exception&) {
      place.host.clear();
    }
    if (place.host.empty() || place.port == 0) {
      throw Error(Error::Code::unavailable, url + ": not a URL of http or https");
    }
    if (path.empty()) path = "/";
    origin = (tls ? "https://" : "http://") + place.text();
  }
};

HttpAnswer HttpClient::send(const HttpRequest& request, const Deadline& deadline) {
  const Target target(request.url);
  const std::string what = request.method + " " + request.url + ": ";
  Duration pause = kFirstPause;
  for (int failures = 0;;) {
    try {
      return attempt(target, request, deadline);
    } catch (const NetworkTimeout& timeout) {
      forget(target.origin);
      throw Error(Error::Code::timed_out, what + timeout.what());
    } catch (const NetworkFailure& failure) {
      if (++failures > retries_ || deadline.left() <= pause) {
        throw Error(Error::Code::unavailable,
                    what + failure.what() + " (" + std::to_string(failures) + " attempts)");
      }
    }
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

HttpAnswer HttpClient::attempt(const Target& target, const HttpRequest& request,
                               const Deadline& deadline) {
  const std::string text = request_text(request, target.host, target.path);
  const auto exchange = [&](SocketPtr socket) {
    socket->set_deadline(deadline);
    socket->send(text);
    auto [answer, reusable] = receive_answer(*socket);
    if (reusable) keep(target.origin, std::move(socket));
    return std::move(answer);
  };
  if (auto kept = take(target.origin)) {
    try {
      return exchange(std::move(kept));
    } catch (const NetworkTimeout&) {
      throw;
    } catch (const NetworkFailure&) {
      forget(target.origin);  // the others are as old
    }
  }
  return exchange(std::make_unique<Socket>(target.place, target.tls ? tls_ : nullptr, deadline));
}

HttpClient::SocketPtr HttpClient::take(const std::string& origin) {
  for (;;) {
    Idle found;
    {
      const std::scoped_lock guard(mutex_);
      auto& idle = idle_[origin];
      if (idle.empty()) return nullptr;
      found = std::move(idle.back());
      idle.pop_back();
    }
    if (steady_clock::now() - found.since < kIdleTime && found.socket->is_quiet()) {
      return std::move(found.socket);
    }
  }
}

void HttpClient::keep(const std::string& origin, SocketPtr socket) {
  const std::scoped_lock guard(mutex_);
  auto& idle = idle_[origin];
  if (idle.size() < kMostIdle) idle.push_back({std::move(socket), steady_clock::now()});
}

void HttpClient::forget(const std::string& origin) {
  std::vector<Idle> old;
  const std::scoped_lock guard(mutex_);
  old.swap(idle_[origin]);
}

}  // namespace gnocchi::keystone
