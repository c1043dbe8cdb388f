#include "core/service/notify.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>

namespace gnocchi::service {
namespace {

/// What systemd listens on, at an abstract address.
class Listener {
 public:
  Listener() {
    const std::string name = "gnocchi-notify-test-" + std::to_string(::getpid());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), length), 0);
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  }
  ~Listener() {
    ::unsetenv("NOTIFY_SOCKET");
    ::close(fd_);
  }
  std::string take() {
    std::array<char, 200> text{};
    const ssize_t size = ::recv(fd_, text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  }

 private:
  int fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(Notify, StateArrivesAtTheSocket) {
  Listener listener;
  notify_systemd("READY=1");
  EXPECT_EQ(listener.take(), "READY=1");
}

TEST(Notify, ReloadingCarriesTheTime) {
  Listener listener;
  notify_reloading();
  EXPECT_THAT(listener.take(), testing::MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
}

TEST(Notify, WithoutSystemdNothingHappens) {
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_NO_THROW(notify_systemd("READY=1"));
}

}  // namespace
}  // namespace gnocchi::service
