#include "core/log/channels.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "core/log/formatters.h"
#include "gnocchi/error.h"

namespace gnocchi::log {
namespace {

constexpr mode_t kLogFileMode = 0640;  // logs tell who asked for what: not everybody's business

int open_file(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kLogFileMode);
}

void append_journal_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  if (value.find('\n') == std::string_view::npos) {
    out.append("=").append(value);
  } else {
    // A value of several lines is preceded by its length, 64 bits, little-endian.
    out += '\n';
    for (unsigned shift = 0; shift < 64; shift += 8) {
      out += static_cast<char>(static_cast<std::uint64_t>(value.size()) >> shift & 0xff);
    }
    out += value;
  }
  out += '\n';
}

/// syslog's numbers.
char journal_priority(Poco::Message::Priority priority) {
  if (priority <= Poco::Message::PRIO_ERROR) return '3';
  if (priority <= Poco::Message::PRIO_WARNING) return '4';
  return priority <= Poco::Message::PRIO_INFORMATION ? '6' : '7';
}

}  // namespace

LineChannel::LineChannel(std::string path) : path_(std::move(path)) {
  if (path_.empty()) {
    fd_ = STDERR_FILENO;
    return;
  }
  fd_ = open_file(path_);
  if (fd_ < 0) {
    throw Error(Error::Code::invalid_config,
                "CONFIG_INVALID  [DEFAULT] log_file: open " + path_ + ": " + std::strerror(errno));
  }
}

LineChannel::~LineChannel() {
  if (!path_.empty()) ::close(fd_);
}

void LineChannel::log(const Poco::Message& message) {
  const std::string line = message.getText() + "\n";
  const std::scoped_lock guard(mutex_);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void LineChannel::reopen() {
  if (path_.empty()) return;
  const int fresh = open_file(path_);
  if (fresh < 0) {
    throw Error(Error::Code::unavailable, "reopen " + path_ + ": " + std::strerror(errno));
  }
  const std::scoped_lock guard(mutex_);
  ::close(std::exchange(fd_, fresh));
}

std::string journal_datagram(const Poco::Message& message) {
  // Beyond this a datagram needs a file descriptor of its own; no line of ours is that long.
  constexpr std::size_t kLongestText = 100 * 1024;
  std::string out;
  append_journal_field(out, "MESSAGE", message.getText().substr(0, kLongestText));
  append_journal_field(out, "PRIORITY", std::string(1, journal_priority(message.getPriority())));
  append_journal_field(out, "SYSLOG_IDENTIFIER", message.getSource());
  append_journal_field(out, "SYSLOG_PID", std::to_string(message.getPid()));
  if (const std::string id = request_id_of(message); !id.empty()) {
    append_journal_field(out, "GNOCCHI_REQUEST_ID", id);
  }
  return out;
}

JournalChannel::JournalChannel(std::string socket_path) : socket_path_(std::move(socket_path)) {
  fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

JournalChannel::~JournalChannel() {
  if (fd_ >= 0) ::close(fd_);
}

void JournalChannel::log(const Poco::Message& message) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const std::string datagram = journal_datagram(message);
  ::sendto(fd_, datagram.data(), datagram.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

}  // namespace gnocchi::log
