#include "backup_service.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "gnocchi/error.h"

namespace gnocchi::rocks {
namespace {

constexpr std::size_t kLongestLine = 8192;
constexpr timeval kPatience{10, 0};

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// A socket's address holds 107 characters and a path may be longer: it goes by the directory's
/// descriptor, which must stay open while the address is used.
sockaddr_un address_in(const File& directory) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(directory.get()) + '/' + kBackupSocket;
  std::memcpy(static_cast<void*>(address.sun_path), path.c_str(), path.size() + 1);
  return address;
}

/// Up to the newline, or what there is of it.
std::string read_line(int fd) {
  std::string line;
  char c = 0;
  while (line.size() < kLongestLine && ::read(fd, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the client is gone; nobody else wants to know
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

[[noreturn]] void fail_with_errno(const std::string& action) {
  throw Error(Error::Code::unavailable, action + ": " + std::strerror(errno));
}

}  // namespace

BackupService::BackupService(Database& database, plugin::Log& log) : database_(database) {
  try {
    listen();
  } catch (const Error& error) {
    log.warning(std::string("no online backups reason=\"") + error.what() + '"');
    return;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

BackupService::~BackupService() {
  if (thread_.joinable()) {
    thread_.request_stop();
    const std::uint64_t one = 1;
    static_cast<void>(!::write(stop_event_, &one, sizeof one));
    thread_.join();
    ::unlink((database_.options().path + '/' + kBackupSocket).c_str());
  }
  if (socket_ >= 0) ::close(socket_);
  if (stop_event_ >= 0) ::close(stop_event_);
}

void BackupService::listen() {
  const std::string path = database_.options().path + '/' + kBackupSocket;
  const File directory(::open(database_.options().path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  File socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  File event(::eventfd(0, EFD_CLOEXEC));
  if (directory.get() < 0 || socket.get() < 0 || event.get() < 0) fail_with_errno("make " + path);
  // Of a process that was killed: no other lives, the database is ours.
  ::unlink(path.c_str());
  const sockaddr_un address = address_in(directory);
  // Before it has a name, so that it never is open to others.
  if (::fchmod(socket.get(), S_IRUSR | S_IWUSR) < 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
      ::listen(socket.get(), 4) < 0) {
    fail_with_errno("make " + path);
  }
  socket_ = socket.release();
  stop_event_ = event.release();
}

void BackupService::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd waited[] = {{socket_, POLLIN, 0}, {stop_event_, POLLIN, 0}};
    if (::poll(waited, 2, -1) < 0 && errno != EINTR) return;
    if (stop.stop_requested()) return;
    const File client(::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
    if (client.get() >= 0) answer(client.get());
  }
}

void BackupService::answer(int client) {
  ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  const std::string directory = read_line(client);
  try {
    if (!directory.starts_with('/')) {
      throw Error(Error::Code::unavailable, '"' + directory + "\" is no absolute path");
    }
    database_.copy_to(directory);
    write_all(client, "ok\n");
  } catch (const std::exception& error) {
    write_all(client, std::string(error.what()) + '\n');
  }
}

bool ask_for_backup(const std::string& database_path, const std::string& directory) {
  const File folder(::open(database_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const File socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (folder.get() < 0 || socket.get() < 0) fail_with_errno("open " + database_path);
  const sockaddr_un address = address_in(folder);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return false;
    fail_with_errno("ask the server of " + database_path);
  }
  write_all(socket.get(), directory + '\n');
  const std::string said = read_line(socket.get());
  if (said == "ok") return true;
  throw Error(Error::Code::unavailable,
              said.empty() ? "the server of " + database_path + " ended meanwhile" : said);
}

}  // namespace gnocchi::rocks
