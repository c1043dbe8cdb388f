#include "socket.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>
#include <sys/socket.h>

#include <vector>

#include "tls_context.h"

namespace gnocchi::keystone {
namespace {

using Poco::Net::SocketAddress;

constexpr std::size_t kChunkBytes = 16 * 1024;

/// Throws if nothing is left: Poco takes zero for "for ever".
Poco::Timespan left(const Deadline& deadline) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(deadline.left());
  if (micros.count() <= 0) throw NetworkTimeout("timed out");
  return Poco::Timespan(micros.count());
}

/// Runs `call`, with Poco's exceptions made ours.
template <class Call>
auto translated(Call call) {
  try {
    return call();
  } catch (const Poco::TimeoutException&) {
    throw NetworkTimeout("timed out");
  } catch (const Poco::Exception& error) {
    // Poco's SSL exceptions have their reason in the message, others in the class.
    throw NetworkFailure(error.displayText());
  }
}

std::vector<SocketAddress> addresses_of(const Place& place) {
  if (place.host.starts_with('/')) return {SocketAddress(SocketAddress::UNIX_LOCAL, place.host)};
  Poco::Net::IPAddress literal;
  if (Poco::Net::IPAddress::tryParse(place.host, literal)) return {{literal, place.port}};
  std::vector<SocketAddress> addresses;
  const auto entry = Poco::Net::DNS::hostByName(place.host);
  for (const auto& address : entry.addresses()) {
    addresses.emplace_back(address, place.port);
  }
  if (addresses.empty()) throw NetworkFailure("the name " + place.host + " has no address");
  return addresses;
}

Poco::Net::StreamSocket connect(const Place& place, const Deadline& deadline) {
  const auto addresses = addresses_of(place);
  for (std::size_t i = 0;; ++i) {
    try {
      Poco::Net::StreamSocket socket;
      socket.connect(addresses[i], left(deadline));
      if (!place.host.starts_with('/')) socket.setNoDelay(true);
      return socket;
    } catch (const Poco::Net::NetException&) {
      if (i + 1 == addresses.size()) throw;
    }
  }
}

Poco::Net::StreamSocket secured(Poco::Net::StreamSocket& plain, const Place& place,
                                const TlsContext& tls, const Deadline& deadline) {
  plain.setReceiveTimeout(left(deadline));
  plain.setSendTimeout(left(deadline));
  auto secure = Poco::Net::SecureStreamSocket::attach(plain, place.host, tls.poco());
  // A handshake that was cut off has no certificate yet, and Poco is content with that.
  if (!secure.havePeerCertificate()) throw NetworkTimeout("TLS handshake: timed out");
  if (tls.verifies()) secure.verifyPeerCertificate(place.host);
  return secure;
}

}  // namespace

std::string Place::text() const {
  if (host.starts_with('/')) return host;
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Socket::Socket(const Place& place, const TlsContext* tls, const Deadline& deadline)
    : deadline_(deadline) {
  translated([&] {
    auto plain = connect(place, deadline);
    if (tls != nullptr) plain = secured(plain, place, *tls, deadline);
    socket_ = std::make_unique<Poco::Net::StreamSocket>(plain);
  });
}

Socket::~Socket() {
  try {
    socket_->close();
  } catch (const Poco::Exception&) {  // it is given up in any case
    socket_.reset();
  }
}

void Socket::send(std::string_view bytes) {
  translated([&] {
    while (!bytes.empty()) {
      socket_->setSendTimeout(left(deadline_));
      const int sent =
          socket_->sendBytes(bytes.data(), static_cast<int>(bytes.size()), MSG_NOSIGNAL);
      if (sent <= 0) throw NetworkFailure("connection closed while sending");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  });
}

bool Socket::fill() {
  return translated([&] {
    socket_->setReceiveTimeout(left(deadline_));
    char chunk[kChunkBytes];
    const int count = socket_->receiveBytes(chunk, sizeof chunk);
    if (count <= 0) return false;
    buffer_.erase(0, read_);
    read_ = 0;
    buffer_.append(chunk, static_cast<std::size_t>(count));
    return true;
  });
}

std::string Socket::read_line(std::size_t most_bytes) {
  std::size_t looked_at = read_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', looked_at);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(read_, end - read_);
      read_ = end + 1;
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    if (buffer_.size() - read_ > most_bytes) {
      throw NetworkFailure("a line longer than " + std::to_string(most_bytes) + " bytes");
    }
    looked_at = buffer_.size() - read_;  // where fill() moves it to
    if (!fill()) throw NetworkFailure("connection closed within a line");
  }
}

std::string Socket::read(std::size_t count) {
  while (buffer_.size() - read_ < count) {
    if (!fill()) {
      throw NetworkFailure("connection closed after " + std::to_string(buffer_.size() - read_) +
                           " of " + std::to_string(count) + " bytes");
    }
  }
  std::string bytes = buffer_.substr(read_, count);
  read_ += count;
  return bytes;
}

std::string Socket::read_to_end(std::size_t most_bytes) {
  while (buffer_.size() - read_ <= most_bytes) {
    if (!fill()) {
      std::string bytes = buffer_.substr(read_);
      read_ = buffer_.size();
      return bytes;
    }
  }
  throw NetworkFailure("more than " + std::to_string(most_bytes) + " bytes");
}

bool Socket::is_quiet() {
  if (read_ != buffer_.size()) return false;
  try {
    return !socket_->poll(Poco::Timespan(), Poco::Net::Socket::SELECT_READ);
  } catch (const Poco::Exception&) {
    return false;
  }
}

}  // namespace gnocchi::keystone
