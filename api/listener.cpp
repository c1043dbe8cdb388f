#include "api/listener.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "gnocchi/error.h"

namespace gnocchi::api {
namespace {

// As many as the kernel allows (net.core.somaxconn cuts it): a burst must not see resets.
constexpr int kBacklog = 4096;

std::string peer_text(const sockaddr_storage& address, socklen_t size) {
  try {
    const Poco::Net::SocketAddress parsed(reinterpret_cast<const sockaddr*>(&address), size);
    return parsed.host().toString();
  } catch (const Poco::Exception&) {
    return "unknown";
  }
}

}  // namespace

struct EpollServer::Listener::Socket {
  Poco::Net::ServerSocket socket;
};

EpollServer::Listener::Listener(const std::string& host, std::uint16_t port)
    : socket_(std::make_unique<Socket>()) {
  try {
    const Poco::Net::SocketAddress address(host, port);
    if (address.family() == Poco::Net::SocketAddress::IPv6) {
      socket_->socket.bind6(address, true, false, false);
    } else {
      socket_->socket.bind(address, true, false);
    }
    socket_->socket.listen(kBacklog);
    socket_->socket.setBlocking(false);
  } catch (const Poco::Exception& error) {
    throw Error(Error::Code::unavailable,
                "listen on " + host + ":" + std::to_string(port) + ": " + error.displayText());
  }
}

EpollServer::Listener::~Listener() = default;

EpollServer::Listener::Accepted EpollServer::Listener::accept() {
  // Not Poco's acceptConnection(): it throws where nobody waits, and says nothing of EMFILE.
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  Accepted accepted;
  accepted.fd =
      ::accept4(fd(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted.fd < 0) {
    accepted.failure = errno == EWOULDBLOCK ? EAGAIN : errno;
    return accepted;
  }
  const int on = 1;
  ::setsockopt(accepted.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  accepted.peer = peer_text(address, size);
  return accepted;
}

int EpollServer::Listener::fd() const noexcept { return socket_->socket.impl()->sockfd(); }

std::uint16_t EpollServer::Listener::port() const { return socket_->socket.address().port(); }

}  // namespace gnocchi::api
