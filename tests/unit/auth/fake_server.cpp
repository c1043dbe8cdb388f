#include "tests/unit/auth/fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace gnocchi::keystone {
namespace {

constexpr int kPollMs = 20;

bool readable(int fd) {
  pollfd wanted{fd, POLLIN, 0};
  return ::poll(&wanted, 1, kPollMs) > 0;
}

}  // namespace

bool FakeServer::Peer::more() {
  while (!stopping_) {
    if (!readable(fd_)) continue;
    char chunk[4096];
    const auto count = ::recv(fd_, chunk, sizeof chunk, 0);
    if (count <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(count));
    return true;
  }
  return false;
}

std::string FakeServer::Peer::read_until(std::string_view end) {
  for (;;) {
    const auto at = buffer_.find(end);
    if (at != std::string::npos) return read(at + end.size());
    if (!more()) return {};
  }
}

std::string FakeServer::Peer::read(std::size_t count) {
  while (buffer_.size() < count) {
    if (!more()) return {};
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

void FakeServer::Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void FakeServer::Peer::drip(std::string_view bytes, std::chrono::milliseconds pause) {
  for (const char byte : bytes) {
    if (stopping_) return;
    send({&byte, 1});
    std::this_thread::sleep_for(pause);
  }
}

void FakeServer::Peer::hang() {
  while (more()) buffer_.clear();
}

FakeServer::FakeServer(std::function<void(Peer&)> serve) : serve_(std::move(serve)) { open(); }

FakeServer::~FakeServer() { shut(); }

void FakeServer::open() {
  stopping_ = false;
  listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port_);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, any, &size) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this, listener = listener_] { accept_all(listener); });
}

void FakeServer::shut() {
  stopping_ = true;
  if (acceptor_.joinable()) acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void FakeServer::accept_all(int listener) {
  while (!stopping_) {
    if (!readable(listener)) continue;
    const int fd = ::accept(listener, nullptr, nullptr);
    if (fd < 0) continue;
    ++connections_;
    threads_.emplace_back([this, fd] {
      Peer peer(fd, stopping_);
      serve_(peer);
      ::close(fd);
    });
  }
  ::close(listener);
}

}  // namespace gnocchi::keystone
