#include "news_teller.h"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

#include "news_format.h"

namespace gnocchi::ceph {
namespace {

/// A listener that has died is waited for as long as a notification lives; others go on meanwhile.
constexpr int kMostOnTheWay = 4;
constexpr std::uint64_t kLifeMs = 1000;
constexpr std::chrono::milliseconds kLastTelling{2 * kLifeMs};

/// A listener that does not answer is no failure of ours.
bool is_final(int result) { return result < 0 && result != -ETIMEDOUT && result != -ENOTCONN; }

}  // namespace

struct NewsTeller::State : std::enable_shared_from_this<State> {
  State(const Cluster& here, OperationCounts& counted, plugin::Log& said, std::string self)
      : cluster(here), counts(counted), log(said), sender(std::move(self)) {}

  /// With the mutex held, and therefore never while the connection is closed.
  void send() {
    if (closed || refused || to_tell.empty() || on_the_way == kMostOnTheWay) return;
    const std::string text = encode_news(sender, to_tell);
    to_tell.clear();
    rados_completion_t completion = nullptr;
    auto* own = new std::shared_ptr<State>(shared_from_this());  // arrived() deletes it
    rados_aio_create_completion2(own, &NewsTeller::arrived, &completion);
    counts.add(Operation::notify);
    ++on_the_way;
    const int result = rados_aio_notify(cluster.io(), kNewsObject, completion, text.data(),
                                        static_cast<int>(text.size()), kLifeMs, nullptr, nullptr);
    rados_aio_release(completion);
    if (result < 0) {
      delete own;
      take_result(result);
    }
  }

  void take_result(int result) {
    --on_the_way;
    if (is_final(result) && !refused && !closed) {
      refused = true;
      log.warning(std::string("metricd is not told of new measures: notifications are refused "
                              "object=") +
                  kNewsObject + " reason=\"" + std::generic_category().message(-result) + '"');
    }
    changed.notify_all();
  }

  const Cluster& cluster;
  OperationCounts& counts;
  plugin::Log& log;
  const std::string sender;
  std::mutex mutex;
  std::condition_variable changed;
  std::set<SackNumber> to_tell;
  int on_the_way = 0;
  bool refused = false;
  bool closed = false;
};

NewsTeller::NewsTeller(const Cluster& cluster, OperationCounts& counts, plugin::Log& log,
                       std::string sender)
    : state_(std::make_shared<State>(cluster, counts, log, std::move(sender))) {}

NewsTeller::~NewsTeller() {
  std::unique_lock guard(state_->mutex);
  state_->changed.wait_for(guard, kLastTelling, [this] { return state_->on_the_way == 0; });
  state_->closed = true;
}

void NewsTeller::tell(const std::set<SackNumber>& sacks) {
  const std::scoped_lock guard(state_->mutex);
  state_->to_tell.insert(sacks.begin(), sacks.end());
  state_->send();
}

void NewsTeller::arrived(void* completion, void* state) {
  const std::unique_ptr<std::shared_ptr<State>> own(static_cast<std::shared_ptr<State>*>(state));
  const int result = rados_aio_get_return_value(completion);
  const std::scoped_lock guard((*own)->mutex);
  (*own)->take_result(result);
  (*own)->send();
}

}  // namespace gnocchi::ceph
