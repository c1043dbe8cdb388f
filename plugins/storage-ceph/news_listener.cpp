#include "news_listener.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include "news_format.h"

namespace gnocchi::ceph {
namespace {

using Clock = std::chrono::steady_clock;

/// An OSD forgets a listener that it has not heard of for so long.
constexpr std::uint32_t kWatchSeconds = 15;
/// Between attempts to listen again.
constexpr std::chrono::seconds kListenRest{1};
/// For an answer that may be on its way when all ends.
constexpr std::chrono::seconds kLastWait{2};

bool is_refusal(int result) {
  return result == -EPERM || result == -EACCES || result == -EOPNOTSUPP;
}

}  // namespace

struct NewsListener::State : std::enable_shared_from_this<State> {
  enum class Watch { none, asked, on, broken, refused };

  State(const Cluster& here, OperationCounts& counted, plugin::Log& said, std::string self)
      : cluster(here), counts(counted), log(said), sender(std::move(self)) {}

  void listen();
  void take_answer(int result);
  std::vector<SackNumber> take(std::span<const SackNumber> sacks);
  Clock::time_point next_step(Clock::time_point until) const {
    return watch == Watch::none || watch == Watch::broken ? std::min(until, next_listen) : until;
  }

  // librados calls these from its own threads.
  static void on_answer(void* completion, void* state);
  static void on_notification(void* state, std::uint64_t id, std::uint64_t cookie,
                              std::uint64_t notifier, void* data, std::size_t size);
  static void on_error(void* state, std::uint64_t cookie, int error);

  const Cluster& cluster;
  OperationCounts& counts;
  plugin::Log& log;
  const std::string sender;
  std::mutex mutex;
  std::condition_variable changed;
  std::set<SackNumber> heard;
  std::uint64_t wakes = 0;
  Watch watch = Watch::none;
  bool missed = false;
  bool closed = false;
  std::uint64_t cookie = 0;
  Clock::time_point next_listen;
};

/// With the mutex held.
void NewsListener::State::listen() {
  const bool wanted = watch == Watch::none || watch == Watch::broken;
  if (closed || !wanted || Clock::now() < next_listen) return;
  if (cookie != 0) {
    rados_completion_t ended = nullptr;
    rados_aio_create_completion2(nullptr, nullptr, &ended);
    rados_aio_unwatch(cluster.io(), cookie, ended);
    rados_aio_release(ended);
  }
  next_listen = Clock::now() + kListenRest;
  auto* own = new std::shared_ptr<State>(shared_from_this());  // on_answer() deletes it
  rados_completion_t completion = nullptr;
  rados_aio_create_completion2(own, &State::on_answer, &completion);
  counts.add(Operation::watch);
  watch = Watch::asked;
  const int result =
      rados_aio_watch2(cluster.io(), kNewsObject, completion, &cookie, &State::on_notification,
                       &State::on_error, kWatchSeconds, this);
  rados_aio_release(completion);
  if (result < 0) {
    delete own;
    cookie = 0;
    watch = Watch::broken;
  }
}

void NewsListener::State::take_answer(int result) {
  const std::scoped_lock guard(mutex);
  if (watch != Watch::asked) return;
  // librados has dropped a watch that was refused: its cookie is not to be used any more.
  if (result < 0) cookie = 0;
  if (result >= 0) {
    watch = Watch::on;
    missed = true;
  } else if (is_refusal(result)) {
    watch = Watch::refused;
    log.warning(std::string("news of measures cannot be heard, sacks are only looked at from time "
                            "to time object=") +
                kNewsObject + " reason=\"" + std::generic_category().message(-result) + '"');
  } else {
    watch = Watch::broken;
  }
  changed.notify_all();
}

void NewsListener::State::on_answer(void* completion, void* state) {
  const std::unique_ptr<std::shared_ptr<State>> own(static_cast<std::shared_ptr<State>*>(state));
  (*own)->take_answer(rados_aio_get_return_value(completion));
}

void NewsListener::State::on_notification(void* state, std::uint64_t id, std::uint64_t cookie,
                                          std::uint64_t, void* data, std::size_t size) {
  auto& self = *static_cast<State*>(state);
  rados_notify_ack(self.cluster.io(), kNewsObject, id, cookie, nullptr, 0);
  const auto sacks = decode_news({static_cast<const char*>(data), size}, self.sender);
  if (sacks.empty()) return;
  const std::scoped_lock guard(self.mutex);
  self.heard.insert(sacks.begin(), sacks.end());
  self.changed.notify_all();
}

void NewsListener::State::on_error(void* state, std::uint64_t cookie, int) {
  auto& self = *static_cast<State*>(state);
  const std::scoped_lock guard(self.mutex);
  if (self.cookie != cookie || self.watch == Watch::refused) return;
  self.watch = Watch::broken;
  self.changed.notify_all();
}

std::vector<SackNumber> NewsListener::State::take(std::span<const SackNumber> sacks) {
  std::vector<SackNumber> taken;
  if (heard.empty()) return taken;
  for (const SackNumber sack : sacks) {
    if (heard.erase(sack) > 0) taken.push_back(sack);
  }
  return taken;
}

NewsListener::NewsListener(const Cluster& cluster, OperationCounts& counts, plugin::Log& log,
                           std::string sender)
    : state_(std::make_shared<State>(cluster, counts, log, std::move(sender))) {}

NewsListener::~NewsListener() = default;

void NewsListener::close() noexcept {
  std::uint64_t cookie = 0;
  {
    std::unique_lock guard(state_->mutex);
    state_->closed = true;
    const auto answered = [this] { return state_->watch != State::Watch::asked; };
    if (state_->changed.wait_for(guard, kLastWait, answered)) cookie = state_->cookie;
  }
  // What has not been answered cannot be taken back; it ends with the connection.
  if (cookie == 0) return;
  rados_unwatch2(state_->cluster.io(), cookie);
  rados_watch_flush(state_->cluster.handle());
}

NewsListener::News NewsListener::wait(std::span<const SackNumber> sacks, Clock::time_point until) {
  State& state = *state_;
  std::unique_lock guard(state.mutex);
  const std::uint64_t wakes = state.wakes;
  while (true) {
    state.listen();
    News news{state.take(sacks), std::exchange(state.missed, false)};
    if (!news.sacks.empty() || news.missed || state.wakes != wakes || Clock::now() >= until) {
      return news;
    }
    state.changed.wait_until(guard, state.next_step(until));
  }
}

void NewsListener::wake() noexcept {
  const std::scoped_lock guard(state_->mutex);
  ++state_->wakes;
  state_->changed.notify_all();
}

void NewsListener::hear(std::span<const SackNumber> sacks) {
  const std::scoped_lock guard(state_->mutex);
  state_->heard.insert(sacks.begin(), sacks.end());
  state_->changed.notify_all();
}

}  // namespace gnocchi::ceph
