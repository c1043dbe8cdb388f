#include "memcached.h"

#include <Poco/Checksum.h>

#include <algorithm>
#include <charconv>
#include <type_traits>
#include <utility>

namespace gnocchi::keystone {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostReplyBytes = 2048;
constexpr std::size_t kMostValueBytes = 1000 * 1000;  // memcached's own limit is a little above
constexpr int kServerChoices = 10;                    // python-memcached's
constexpr std::uint32_t kPythonText = 16;             // its flag for a str

/// python-memcached's, so that Python's services and we look on the same server.
std::uint32_t server_hash(std::string_view key) {
  Poco::Checksum crc(Poco::Checksum::TYPE_CRC32);
  crc.update(key.data(), static_cast<unsigned>(key.size()));
  const std::uint32_t hash = crc.checksum() >> 16 & 0x7fff;
  return hash == 0 ? 1 : hash;
}

template <class Number>
Number number(std::string_view text) {
  Number value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) {
    throw NetworkFailure("not a number: " + std::string(text.substr(0, 40)));
  }
  return value;
}

/// The next word of a line.
std::string_view word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view found = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return found;
}

[[noreturn]] void refuse(std::string_view line) {
  throw NetworkFailure("unexpected answer: " + std::string(line.substr(0, 80)));
}

/// "VALUE key flags bytes", the data, "END"; or "END" at once.
std::optional<std::string> read_value(Socket& socket, const std::string& key) {
  const std::string answer = socket.read_line(kMostReplyBytes);
  if (answer == "END") return std::nullopt;
  std::string_view line = answer;
  if (word(line) != "VALUE" || word(line) != key) refuse(answer);
  const auto flags = number<std::uint32_t>(word(line));
  const auto size = number<std::size_t>(word(line));
  if (size > 2 * kMostValueBytes) refuse(answer);
  std::string value = socket.read(size);
  if (!socket.read_line(kMostReplyBytes).empty()) refuse("data longer than announced");
  if (const auto end = socket.read_line(kMostReplyBytes); end != "END") refuse(end);
  // Pickled or compressed: not a token's.
  if (flags != 0 && flags != kPythonText) return std::nullopt;
  return value;
}

}  // namespace

/// One memcached: its idle connections, and whether it is left alone.
class Memcached::Server {
 public:
  Server(Place place, const MemcachedSettings& settings, plugin::Log& log)
      : place_(std::move(place)), settings_(settings), log_(log) {}

  bool lives() {
    const std::scoped_lock guard(mutex_);
    return dead_until_ <= steady_clock::now();
  }

  /// nullopt: it failed, or all connections are taken.
  template <class Operation>
  auto run(Operation operation) -> std::optional<decltype(operation(std::declval<Socket&>()))> {
    const Deadline deadline(settings_.timeout);
    if (!enter()) return std::nullopt;
    try {
      if (auto kept = take()) {
        try {
          return finish(std::move(kept), deadline, operation);
        } catch (const NetworkTimeout&) {
          throw;
        } catch (const NetworkFailure&) {  // it was restarted, perhaps: once more, anew
          forget();
        }
      }
      return finish(std::make_unique<Socket>(place_, nullptr, deadline), deadline, operation);
    } catch (const NetworkFailure& failure) {
      mark_dead(failure.what());
      return std::nullopt;
    } catch (...) {
      leave(nullptr);
      throw;
    }
  }

 private:
  using SocketPtr = std::unique_ptr<Socket>;
  struct Idle {
    SocketPtr socket;
    steady_clock::time_point since;
  };

  template <class Operation>
  auto finish(SocketPtr socket, const Deadline& deadline, Operation& operation)
      -> std::optional<decltype(operation(std::declval<Socket&>()))> {
    socket->set_deadline(deadline);
    auto result = operation(*socket);
    leave(std::move(socket));
    return result;
  }

  bool enter() {
    const std::scoped_lock guard(mutex_);
    if (in_use_ >= settings_.most_connections) return false;
    ++in_use_;
    return true;
  }

  void leave(SocketPtr socket) {
    const std::scoped_lock guard(mutex_);
    --in_use_;
    if (socket) idle_.push_back({std::move(socket), steady_clock::now()});
    if (!away_) return;
    away_ = false;
    log_.info("event=memcached_back server=" + place_.text());
  }

  SocketPtr take() {
    for (;;) {
      Idle found;
      {
        const std::scoped_lock guard(mutex_);
        if (idle_.empty()) return nullptr;
        found = std::move(idle_.back());
        idle_.pop_back();
      }
      if (steady_clock::now() - found.since < settings_.unused && found.socket->is_quiet()) {
        return std::move(found.socket);
      }
    }
  }

  void forget() {
    std::vector<Idle> old;
    const std::scoped_lock guard(mutex_);
    old.swap(idle_);
  }

  void mark_dead(const char* reason) {
    forget();
    const std::scoped_lock guard(mutex_);
    --in_use_;
    dead_until_ = steady_clock::now() + settings_.dead_retry;
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(settings_.dead_retry).count();
    if (!away_) {
      log_.warning("event=memcached_away server=" + place_.text() +
                   " retry_s=" + std::to_string(seconds) + " reason=\"" + reason + "\"");
    }
    away_ = true;
  }

  const Place place_;
  const MemcachedSettings& settings_;
  plugin::Log& log_;
  std::mutex mutex_;
  std::vector<Idle> idle_;
  std::size_t in_use_ = 0;
  bool away_ = false;
  steady_clock::time_point dead_until_ = steady_clock::time_point::min();
};

Memcached::Memcached(const MemcachedSettings& settings, plugin::Log& log) {
  for (const Place& place : settings.servers) {
    servers_.push_back(std::make_unique<Server>(place, settings, log));
  }
}

Memcached::~Memcached() = default;

Memcached::Server* Memcached::server_of(const std::string& key) {
  std::uint32_t hash = server_hash(key);
  for (int i = 0; i != kServerChoices; ++i) {
    Server& server = *servers_[hash % servers_.size()];
    if (server.lives()) return &server;
    hash = server_hash(std::to_string(hash) + std::to_string(i));
  }
  return nullptr;
}

std::optional<std::string> Memcached::get(const std::string& key) {
  Server* server = server_of(key);
  if (server == nullptr) return std::nullopt;
  return server
      ->run([&](Socket& socket) {
        socket.send("get " + key + "\r\n");
        return read_value(socket, key);
      })
      .value_or(std::nullopt);
}

void Memcached::set(const std::string& key, std::string_view value, std::chrono::seconds life) {
  Server* server = value.size() > kMostValueBytes ? nullptr : server_of(key);
  if (server == nullptr) return;
  std::string command = "set " + key + " 0 " + std::to_string(life.count()) + " " +
                        std::to_string(value.size()) + "\r\n";
  command.append(value).append("\r\n");
  server->run([&](Socket& socket) {
    socket.send(command);
    const std::string answer = socket.read_line(kMostReplyBytes);
    // Too large for it, or out of memory: its affair.
    if (answer != "STORED" && !answer.starts_with("SERVER_ERROR")) refuse(answer);
    return true;
  });
}

}  // namespace gnocchi::keystone
