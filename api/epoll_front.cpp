// The front thread of EpollServer: accepts, enforces deadlines, helps out.
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "api/epoll_server.h"
#include "api/listener.h"

namespace gnocchi::api {
namespace {

using Clock = Connection::Clock;
using std::chrono::milliseconds;

// While workers are busy: how often to look whether all of them are. Short beside the time that a
// request may wait, long beside a handler that does not block.
constexpr milliseconds kWatchTick{5};
// How long to go on looking after all were busy.
constexpr milliseconds kWatchFor{100};
constexpr milliseconds kSweepTick{1000};
// Out of file descriptors: connections wait in the kernel meanwhile.
constexpr milliseconds kAcceptPause{100};
// Of all connections, so many are closed at a time to make room for new ones.
constexpr std::size_t kRoomShare = 64;
// One that is new has its first request on the way; it is not idle yet.
constexpr milliseconds kIdleAtLeast{100};
constexpr std::chrono::seconds kWarnEvery{60};
constexpr int kMaxAcceptsPerTurn = 256;

/// Deadlines are kept to a quarter of the shortest, at most a second.
milliseconds sweep_tick(const ServerOptions& options) {
  const auto shortest =
      std::min({options.idle_timeout, options.head_timeout, options.transfer_timeout});
  return std::clamp(shortest / 4, kWatchTick, kSweepTick);
}

}  // namespace

void EpollServer::run_front() {
  const auto tick = sweep_tick(options_);
  auto next_sweep = Clock::now() + tick;
  auto watch_until = Clock::now();
  std::array<epoll_event, 4> events{};
  while (!ending_) {
    const bool watching = front_watches_.load();
    const auto wait = watching || !accepting_ ? kWatchTick : tick;
    const int count = ::epoll_wait(front_epoll_.get(), events.data(), events.size(),
                                   static_cast<int>(wait.count()));
    const auto now = Clock::now();
    for (int i = 0; i < count; ++i) {
      if (events[static_cast<std::size_t>(i)].data.ptr == nullptr) {
        eventfd_t ignored = 0;
        ::eventfd_read(front_event_.get(), &ignored);
      } else if (!draining_) {
        accept_all();
      }
    }
    if (draining_ && listener_ != nullptr) {
      listener_.reset();
      next_sweep = now;
    } else if (!accepting_ && listener_ != nullptr && now >= accept_again_) {
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = listener_.get();
      ::epoll_ctl(front_epoll_.get(), EPOLL_CTL_MOD, listener_->fd(), &event);
      accepting_ = true;
    }
    if (idle_workers_.load() == 0) {
      watch_until = now + kWatchFor;
      read_for_workers();
      refuse_stale();
    }
    if (waits_to_be_finished()) {
      watch_until = now + kWatchFor;
      if (is_overdue(kWatchTick)) wake_worker();
    }
    if (now >= next_sweep) {
      expire_connections();
      next_sweep = now + tick;
    }
    if (watching && now >= watch_until) {
      front_watches_.store(false);
      // A worker that had reason to in between has not woken us.
      if (idle_workers_.load() == 0 || waits_to_be_finished()) front_watches_.store(true);
    }
  }
}

void EpollServer::accept_all() {
  for (int i = 0; i < kMaxAcceptsPerTurn; ++i) {
    if (is_full()) {
      close_idlest();
      return pause_accepting(kWatchTick, std::to_string(options_.max_connections) + " are open");
    }
    auto accepted = listener_->accept();
    if (accepted.fd >= 0) {
      add_connection(accepted.fd, std::move(accepted.peer));
    } else if (accepted.failure == EAGAIN) {
      return;
    } else if (accepted.failure != EINTR && accepted.failure != ECONNABORTED) {
      return pause_accepting(kAcceptPause, std::generic_category().message(accepted.failure));
    }
  }
}

bool EpollServer::is_full() const {
  const std::scoped_lock guard(table_mutex_);
  return table_.size() > options_.max_connections;
}

void EpollServer::close_idlest() {
  const auto since = Clock::now() - kIdleAtLeast + options_.idle_timeout;
  const std::scoped_lock guard(table_mutex_);
  std::vector<std::pair<Clock::time_point, Connection*>> idle;
  for (const auto& [connection, owned] : table_) {
    const std::unique_lock lock(connection->mutex(), std::try_to_lock);
    if (!lock || !connection->between_requests() || connection->deadline() > since) continue;
    idle.emplace_back(connection->deadline(), connection);
  }
  const std::size_t room = std::min(options_.max_connections / kRoomShare + 1, idle.size());
  std::partial_sort(idle.begin(), idle.begin() + static_cast<std::ptrdiff_t>(room), idle.end());
  for (std::size_t i = 0; i < room; ++i) {
    const std::unique_lock lock(idle[i].second->mutex(), std::try_to_lock);
    if (lock && idle[i].second->between_requests()) idle[i].second->shut_down();
  }
}

void EpollServer::pause_accepting(milliseconds pause, const std::string& reason) {
  // Level-triggered, the listening socket would be reported again and again.
  epoll_event event{};
  event.data.ptr = listener_.get();
  ::epoll_ctl(front_epoll_.get(), EPOLL_CTL_MOD, listener_->fd(), &event);
  const auto now = Clock::now();
  accepting_ = false;
  accept_again_ = now + pause;
  if (now < accept_warning_) return;
  accept_warning_ = now + kWarnEvery;
  log_.warning("connections wait to be accepted reason=\"" + reason + "\"");
}

void EpollServer::add_connection(int fd, std::string peer) {
  auto owned = std::make_unique<Connection>(fd, std::move(peer), options_, stats_);
  stats_.connections.add();
  Connection* connection = owned.get();
  std::unique_lock lock(connection->mutex());
  {
    const std::scoped_lock guard(table_mutex_);
    table_.emplace(connection, std::move(owned));
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLONESHOT;
  event.data.ptr = connection;
  if (::epoll_ctl(connections_epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return;
  log_.error("epoll_ctl failed reason=\"" + std::generic_category().message(errno) + "\"");
  close(*connection, lock);
}

void EpollServer::read_for_workers() {
  std::array<epoll_event, 64> events{};
  while (idle_workers_.load() == 0) {
    const int count =
        ::epoll_wait(connections_epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    if (count <= 0) return;
    for (int i = 0; i < count; ++i) {
      void* connection = events[static_cast<std::size_t>(i)].data.ptr;
      if (connection != nullptr) serve(*static_cast<Connection*>(connection), false);
    }
  }
}

void EpollServer::refuse_stale() {
  const auto oldest = Clock::now() - options_.queue_timeout;
  while (true) {
    Connection* connection = nullptr;
    {
      const std::scoped_lock guard(queue_mutex_);
      if (queue_.empty() || queue_.front().since > oldest) return;
      connection = queue_.front().connection;
      queue_.pop_front();
      queued_.store(queue_.size());
    }
    refuse_waiting(*connection);
  }
}

void EpollServer::expire_connections() {
  const auto now = Clock::now();
  const std::scoped_lock guard(table_mutex_);
  for (const auto& [connection, owned] : table_) {
    const std::unique_lock lock(connection->mutex(), std::try_to_lock);
    if (!lock) continue;  // a thread is at it
    const auto phase = connection->phase();
    if (phase == Connection::Phase::handling || phase == Connection::Phase::closed) continue;
    if (draining_ && connection->between_requests()) {
      connection->shut_down();
    } else if (connection->deadline() <= now) {
      connection->expire();
    }
  }
}

}  // namespace gnocchi::api
