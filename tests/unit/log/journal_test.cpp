#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include <Poco/AutoPtr.h>

#include "core/log/channels.h"
#include "core/log/formatters.h"

namespace gnocchi::log {
namespace {

using testing::HasSubstr;
using testing::Not;

Poco::Message message(const std::string& text, Poco::Message::Priority priority) {
  return {"gnocchi-test", text, priority};
}

TEST(Journal, FieldsAreThoseOfTheNativeProtocol) {
  Poco::Message one = message("hello", Poco::Message::PRIO_WARNING);
  one.set(kRequestId, "req-1");
  EXPECT_EQ(journal_datagram(one),
            "MESSAGE=hello\nPRIORITY=4\nSYSLOG_IDENTIFIER=gnocchi-test\n"
            "SYSLOG_PID=" +
                std::to_string(::getpid()) + "\nGNOCCHI_REQUEST_ID=req-1\n");
}

TEST(Journal, NoRequestNoField) {
  EXPECT_THAT(journal_datagram(message("x", Poco::Message::PRIO_DEBUG)),
              Not(HasSubstr("GNOCCHI_REQUEST_ID")));
}

TEST(Journal, TextOfSeveralLinesIsSentWithItsLength) {
  using namespace std::string_literals;
  EXPECT_THAT(journal_datagram(message("a\nb", Poco::Message::PRIO_ERROR)),
              testing::StartsWith("MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\nPRIORITY=3\n"s));
}

TEST(Journal, MessageArrivesAtTheSocket) {
  std::string pattern = std::filesystem::temp_directory_path() / "journal-test-XXXXXX";
  const std::filesystem::path directory = ::mkdtemp(pattern.data());
  const std::string path = directory / "socket";
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);

  Poco::AutoPtr<JournalChannel> channel(new JournalChannel(path));
  channel->log(message("hello", Poco::Message::PRIO_INFORMATION));
  std::array<char, 1000> received{};
  const ssize_t size = ::recv(fd, received.data(), received.size(), MSG_DONTWAIT);
  ASSERT_GT(size, 0);
  EXPECT_THAT(std::string(received.data(), static_cast<std::size_t>(size)),
              testing::StartsWith("MESSAGE=hello\nPRIORITY=6\n"));
  ::close(fd);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace gnocchi::log
