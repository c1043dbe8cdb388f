#include "arrival_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "incoming_log_format.h"

namespace gnocchi::file {
namespace {

constexpr std::chrono::milliseconds kLookWithoutInotify{50};

}  // namespace

void ArrivalListener::listen_from_now() {
  const std::scoped_lock guard(mutex_);
  if (wake_event_) return;
  wake_event_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_event_) fail("eventfd for", path_);
  inotify_ = Descriptor(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (inotify_ && ::inotify_add_watch(inotify_.get(), path_.c_str(), IN_MODIFY | IN_MOVED_TO) < 0) {
    inotify_.reset();
  }
}

std::uint64_t ArrivalListener::state() {
  const std::scoped_lock guard(mutex_);
  return state_;
}

std::uint64_t ArrivalListener::wakes() {
  const std::scoped_lock guard(mutex_);
  return wakes_;
}

void ArrivalListener::wait(std::uint64_t seen, Deadline until) {
  std::unique_lock lock(mutex_);
  while (state_ == seen && std::chrono::steady_clock::now() < until) {
    if (listening_) {
      changed_.wait_until(lock, until);
      continue;
    }
    listening_ = true;
    lock.unlock();
    const bool news = listen(until);
    lock.lock();
    listening_ = false;
    if (news) ++state_;
    // If this thread leaves, another must take its place as the listener.
    changed_.notify_all();
  }
}

bool ArrivalListener::listen(Deadline until) const {
  using std::chrono::milliseconds;
  auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
  if (!inotify_) left = std::min(left, kLookWithoutInotify);
  const auto timeout_ms = std::clamp<std::int64_t>(left.count(), 0, 60'000);
  pollfd descriptors[] = {{inotify_.get(), POLLIN, 0}, {wake_event_.get(), POLLIN, 0}};
  if (::poll(descriptors, 2, static_cast<int>(timeout_ms)) < 0 && errno != EINTR) {
    fail("listen in", path_);
  }
  std::uint64_t count = 0;
  static_cast<void>(::read(wake_event_.get(), &count, sizeof count));
  return !inotify_ || drain();
}

bool ArrivalListener::drain() const {
  bool news = false;
  alignas(inotify_event) char buffer[4096];
  while (true) {
    const ssize_t size = ::read(inotify_.get(), buffer, sizeof buffer);
    if (size <= 0) return news;
    for (ssize_t at = 0; at < size;) {
      inotify_event event{};
      std::memcpy(&event, buffer + at, sizeof event);
      const std::string_view name = event.len > 0 ? buffer + at + sizeof event : "";
      news = news || (event.mask & IN_Q_OVERFLOW) != 0 || name.ends_with(kSegmentSuffix);
      at += static_cast<ssize_t>(sizeof event + event.len);
    }
  }
}

void ArrivalListener::wake() noexcept {
  const std::scoped_lock guard(mutex_);
  if (!wake_event_) return;  // nobody has ever waited
  ++state_;
  ++wakes_;
  changed_.notify_all();
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_event_.get(), &one, sizeof one));
}

}  // namespace gnocchi::file
