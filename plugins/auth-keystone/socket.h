#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "deadline.h"

namespace Poco::Net {
class StreamSocket;
}

namespace gnocchi::keystone {

class TlsContext;

/// The network failed: refused, reset, closed too early, not what the protocol says.
struct NetworkFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The deadline passed.
struct NetworkTimeout : NetworkFailure {
  using NetworkFailure::NetworkFailure;
};

/// A place to connect to: host and port, or the path of a Unix socket.
struct Place {
  std::string host;  ///< a name, an address, or a path that starts with '/'
  std::uint16_t port = 0;

  std::string text() const;
};

/// A connected socket that reads through a buffer and gives up at its deadline. One thread at a
/// time.
class Socket {
 public:
  /// Tries each address of the host in turn. `tls` may be null: plain TCP.
  Socket(const Place& place, const TlsContext* tls, const Deadline& deadline);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  /// For what follows.
  void set_deadline(const Deadline& deadline) { deadline_ = deadline; }

  void send(std::string_view bytes);
  /// Up to the next line end, without it. A longer one is a NetworkFailure.
  std::string read_line(std::size_t most_bytes);
  /// Exactly `count` bytes.
  std::string read(std::size_t count);
  /// Up to the end of the stream; more than `most_bytes` is a NetworkFailure.
  std::string read_to_end(std::size_t most_bytes);

  /// Nothing has come that nobody asked for, the end included: fit for the next exchange.
  bool is_quiet();

 private:
  /// False at the end of the stream.
  bool fill();

  Deadline deadline_;
  std::unique_ptr<Poco::Net::StreamSocket> socket_;
  std::string buffer_;
  std::size_t read_ = 0;  // of buffer_
};

}  // namespace gnocchi::keystone
