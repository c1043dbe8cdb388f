#include "core/service/signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "gnocchi/error.h"

namespace gnocchi::service {
namespace {

int checked(int fd, const char* what) {
  if (fd >= 0) return fd;
  throw Error(Error::Code::internal, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

BlockedSignals::BlockedSignals() {
  sigemptyset(&blocked_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&blocked_, signal);
  pthread_sigmask(SIG_BLOCK, &blocked_, &before_);
  ::signal(SIGPIPE, SIG_IGN);
}

BlockedSignals::~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

SignalThread::SignalThread(const BlockedSignals& blocked, SignalHandlers handlers)
    : handlers_(std::move(handlers)),
      signals_(checked(::signalfd(-1, &blocked.set(), SFD_CLOEXEC | SFD_NONBLOCK), "signalfd")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC), "eventfd")),
      thread_([this] { run(); }) {}

SignalThread::~SignalThread() {
  const std::uint64_t one = 1;
  while (::write(wake_, &one, sizeof one) < 0 && errno == EINTR) {
  }
  thread_.join();
  ::close(wake_);
  ::close(signals_);
}

int SignalThread::milliseconds_left() const {
  if (!stopping_ || handlers_.patience.count() == 0) return -1;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      give_up_at_ - std::chrono::steady_clock::now());
  constexpr std::int64_t kLongestWait = 60'000;
  return static_cast<int>(std::clamp<std::int64_t>(left.count() + 1, 0, kLongestWait));
}

void SignalThread::run() {
  while (true) {
    std::array<pollfd, 2> watched{{{wake_, POLLIN, 0}, {signals_, POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), milliseconds_left());
    if ((watched[0].revents & POLLIN) != 0) return;
    signalfd_siginfo received{};
    while (::read(signals_, &received, sizeof received) == sizeof received) {
      if (received.ssi_signo == SIGHUP) {
        handlers_.reload();
      } else if (stopping_) {
        handlers_.give_up();
      } else {
        stopping_ = true;
        give_up_at_ = std::chrono::steady_clock::now() + handlers_.patience;
        handlers_.stop();
      }
    }
    if (stopping_ && handlers_.patience.count() != 0 &&
        std::chrono::steady_clock::now() >= give_up_at_) {
      handlers_.give_up();
      return;
    }
  }
}

}  // namespace gnocchi::service
