#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gnocchi::statsd {

/// A UDP socket that waits for packets. One thread receives; any may call wake().
class UdpSocket {
 public:
  /// Throws Error{invalid_config} if the address is none of this machine, Error{unavailable} if the
  /// port is taken. Port 0: any free one.
  UdpSocket(const std::string& host, std::uint16_t port);
  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  std::uint16_t port() const;

  /// Waits until there are packets, and gives each to `take`; false: wake() was called and there
  /// are none left. The text is valid during the call.
  bool receive(const std::function<void(std::string_view)>& take);
  void wake() noexcept;

 private:
  bool receive_some(const std::function<void(std::string_view)>& take);

  int socket_ = -1;
  int wake_ = -1;
  std::vector<char> buffer_;
};

}  // namespace gnocchi::statsd
