#include "write_guard.h"

#include <fcntl.h>

#include <algorithm>
#include <string>
#include <thread>

#include "gnocchi/error.h"

namespace gnocchi::file {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstGuardPause{1};
constexpr std::chrono::milliseconds kLongestGuardPause{50};

bool try_lock_byte(int fd, std::uint32_t at) {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = at;
  range.l_len = 1;
  // Of the open file, not of the process: threads exclude each other, too.
  if (::fcntl(fd, F_OFD_SETLK, &range) == 0) return true;
  if (errno != EAGAIN && errno != EACCES) fail("lock", WriteGuard::kPath);
  return false;
}

void lock_byte(int fd, std::uint32_t at, steady_clock::time_point until) {
  for (auto pause = kFirstGuardPause; !try_lock_byte(fd, at);
       pause = std::min(pause * 2, kLongestGuardPause)) {
    if (steady_clock::now() >= until) {
      throw Error(Error::Code::timed_out,
                  "write metrics of sack " + std::to_string(at) +
                      ": another process is in the midst of writing them; if it is stopped, they "
                      "wait until it goes on or is killed");
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

WriteGuard::WriteGuard(int base, const std::set<std::uint32_t>& sacks,
                       std::chrono::milliseconds wait)
    : fd_(open_at(base, kPath, O_RDWR | O_CREAT, kFileMode)) {
  if (!fd_) fail("open", kPath);
  const auto until = steady_clock::now() + wait;
  // In ascending order all of them: no two guards wait for each other.
  for (const std::uint32_t sack : sacks) lock_byte(fd_.get(), sack, until);
}

}  // namespace gnocchi::file
