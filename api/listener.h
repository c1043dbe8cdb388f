#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "api/epoll_server.h"

namespace gnocchi::api {

/// The listening socket, non-blocking. One thread.
class EpollServer::Listener {
 public:
  /// Throws Error{unavailable} naming the address if it cannot be listened on.
  Listener(const std::string& host, std::uint16_t port);
  ~Listener();

  struct Accepted {
    int fd = -1;  ///< non-blocking; the caller's
    std::string peer;
    int failure = 0;  ///< errno, if fd is -1; EAGAIN: nobody waits
  };
  Accepted accept();

  int fd() const noexcept;
  std::uint16_t port() const;

 private:
  struct Socket;
  std::unique_ptr<Socket> socket_;
};

}  // namespace gnocchi::api
