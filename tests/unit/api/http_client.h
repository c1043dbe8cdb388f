#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace gnocchi::api {

/// A bare socket to a server under test: sends what it is told, receives under a deadline.
class HttpClient {
 public:
  static constexpr std::chrono::seconds kPatience{20};

  explicit HttpClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  HttpClient(HttpClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  ~HttpClient() { close(); }

  bool connected() const { return connected_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void send(std::string_view text) {
    while (!text.empty()) {
      const auto size = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (size <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  /// The next answer, head and body; "" if the connection ends before.
  std::string answer(bool without_body = false) {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return {};
    }
    std::size_t size = end + 4;
    const auto length = received_.find("Content-Length: ");
    if (!without_body && length < end) size += std::stoul(received_.substr(length + 16));
    while (received_.size() < size) {
      if (!receive()) return {};
    }
    std::string text = received_.substr(0, size);
    received_.erase(0, size);
    return text;
  }
  /// The status of the next answer; 0: none came.
  int status(bool without_body = false) {
    const std::string text = answer(without_body);
    return text.size() < 12 ? 0 : std::stoi(text.substr(9, 3));
  }
  /// Whether the other end closes, without a further byte.
  bool is_closed() { return !receive() && received_.empty(); }

 private:
  bool receive() {
    pollfd ready{fd_, POLLIN, 0};
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience);
    if (::poll(&ready, 1, static_cast<int>(patience.count())) != 1) {
      ADD_FAILURE() << "nothing came in time";
      return false;
    }
    char buffer[65536];
    const auto size = ::recv(fd_, buffer, sizeof(buffer), 0);
    if (size <= 0) return false;
    received_.append(buffer, static_cast<std::size_t>(size));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string received_;
};

}  // namespace gnocchi::api
