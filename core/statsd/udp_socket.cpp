#include "core/statsd/udp_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "gnocchi/error.h"

namespace gnocchi::statsd {
namespace {

constexpr std::size_t kPacketBytes = 65536;  // none is larger
constexpr std::size_t kPackets = 32;         // at a time
// Room for what comes while a flush holds the lock; the system may allow less.
constexpr int kReceiveBuffer = 8 << 20;

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int fault = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (fault != 0) {
    throw Error(Error::Code::invalid_config,
                "[statsd] host = " + host + ": " + gai_strerror(fault));
  }
  return Addresses(found);
}

}  // namespace

UdpSocket::UdpSocket(const std::string& host, std::uint16_t port)
    : buffer_(kPackets * kPacketBytes) {
  const auto addresses = resolve(host, port);
  const auto fail = [&](const char* what) {
    const int reason = errno;
    if (socket_ >= 0) ::close(socket_);
    if (wake_ >= 0) ::close(wake_);
    throw Error(reason == EADDRNOTAVAIL ? Error::Code::invalid_config : Error::Code::unavailable,
                std::string(what) + " UDP " + host + " port " + std::to_string(port) + ": " +
                    std::strerror(reason));
  };
  socket_ = ::socket(addresses->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) fail("open");
  // The first goes beyond the system's limit, where it is allowed to.
  if (::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBuffer, sizeof kReceiveBuffer)) {
    (void)::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  if (::bind(socket_, addresses->ai_addr, addresses->ai_addrlen) != 0) fail("listen on");
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) fail("listen on");
}

UdpSocket::~UdpSocket() {
  ::close(socket_);
  ::close(wake_);
}

std::uint16_t UdpSocket::port() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  // The port stands at the same place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

bool UdpSocket::receive(const std::function<void(std::string_view)>& take) {
  for (;;) {
    if (receive_some(take)) return true;
    std::array<pollfd, 2> waiting{{{socket_, POLLIN, 0}, {wake_, POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) {
      throw Error(Error::Code::internal, std::string("wait for packets: ") + std::strerror(errno));
    }
    if (waiting[0].revents == 0 && waiting[1].revents != 0) return false;
  }
}

bool UdpSocket::receive_some(const std::function<void(std::string_view)>& take) {
  std::array<mmsghdr, kPackets> messages{};
  std::array<iovec, kPackets> pieces{};
  for (std::size_t i = 0; i < kPackets; ++i) {
    pieces[i] = {buffer_.data() + i * kPacketBytes, kPacketBytes};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = ::recvmmsg(socket_, messages.data(), kPackets, MSG_DONTWAIT, nullptr);
  // Of errors the socket only passes on what happened to others' packets.
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    take({buffer_.data() + at * kPacketBytes, messages[at].msg_len});
  }
  return count > 0;
}

void UdpSocket::wake() noexcept {
  const std::uint64_t one = 1;
  (void)!::write(wake_, &one, sizeof one);
}

}  // namespace gnocchi::statsd
