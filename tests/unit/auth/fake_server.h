#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <thread>

namespace gnocchi::keystone {

/// A TCP server on loopback that does to a connection what a test wants.
class FakeServer {
 public:
  /// One side of a connection, as the server sees it.
  class Peer {
   public:
    Peer(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}

    /// Up to `end`, it included; "" once the client has closed, or the server stops.
    std::string read_until(std::string_view end);
    std::string read(std::size_t count);
    void send(std::string_view bytes);
    /// A byte each `pause`.
    void drip(std::string_view bytes, std::chrono::milliseconds pause);
    /// Says nothing until the client closes.
    void hang();

   private:
    bool more();

    int fd_;
    const std::atomic<bool>& stopping_;
    std::string buffer_;
  };

  /// `serve` runs on a thread of each connection's own; the connection is closed when it returns.
  explicit FakeServer(std::function<void(Peer&)> serve);
  ~FakeServer();

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  /// Closes connections and refuses further ones; listens again on the same port.
  void shut();
  void open();

 private:
  void accept_all(int listener);

  std::function<void(Peer&)> serve_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  std::list<std::thread> threads_;  // the acceptor's, and after it whoever joins it
};

}  // namespace gnocchi::keystone
