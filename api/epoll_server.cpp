#include "api/epoll_server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "api/listener.h"
#include "gnocchi/error.h"

// The life of the server and its workers; the front thread is in epoll_front.cpp.
namespace gnocchi::api {
namespace {

[[noreturn]] void fail(const char* what) {
  throw Error(Error::Code::unavailable,
              std::string(what) + ": " + std::generic_category().message(errno));
}

void watch(int epoll, int fd, std::uint32_t events, void* data) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = data;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) fail("add to epoll");
}

// How often stop() looks whether the requests in hand are done.
constexpr std::chrono::milliseconds kStopTick{2};
// An answer may wait so long for others to be finished with it, while connections are ready.
constexpr std::chrono::microseconds kFinishWithin{500};
constexpr std::size_t kMostUnfinished = 64;
// So many workers wait for connections at a time. Each event wakes one of those who do, though one
// who is about to look would be there first; beyond the processors, that only costs.
const unsigned kListeners = std::max(2U, std::thread::hardware_concurrency());

}  // namespace

/// Counts the thread as busy while it lives.
class EpollServer::Busy {
 public:
  explicit Busy(EpollServer& server) : server_(server) {
    if (server_.idle_workers_.fetch_sub(1) == 1) server_.wake_front();
    if (server_.listening_.fetch_sub(1) == 1) server_.call_up();
  }
  ~Busy() {
    server_.listening_.fetch_add(1);
    server_.idle_workers_.fetch_add(1);
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  EpollServer& server_;
};

void EpollServer::Descriptor::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

EpollServer::EpollServer(ServerOptions options, RequestHandler handler, plugin::Log& log,
                         Finisher finish)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      finish_(std::move(finish)),
      log_(log) {}

EpollServer::~EpollServer() { stop(); }

void EpollServer::start() {
  listener_ = std::make_unique<Listener>(options_.host, options_.port);
  port_ = listener_->port();
  connections_epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  front_epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  workers_event_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  front_event_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (connections_epoll_.get() < 0 || front_epoll_.get() < 0 || workers_event_.get() < 0 ||
      front_event_.get() < 0) {
    fail("create epoll");
  }
  // Edge-triggered: one write wakes one worker.
  watch(connections_epoll_.get(), workers_event_.get(), EPOLLIN | EPOLLET, nullptr);
  watch(front_epoll_.get(), front_event_.get(), EPOLLIN, nullptr);
  watch(front_epoll_.get(), listener_->fd(), EPOLLIN, listener_.get());
  accepting_ = true;
  idle_workers_ = options_.threads;
  listening_ = options_.threads;
  front_ = std::thread([this] { run_front(); });  // first: the first worker has what to do
  for (unsigned i = 0; i < options_.threads; ++i) workers_.emplace_back([this] { run_worker(); });
}

void EpollServer::stop() noexcept {
  if (!front_.joinable()) return;
  draining_ = true;
  wake_front();
  const auto end = Connection::Clock::now() + options_.stop_timeout;
  while (is_working() && Connection::Clock::now() < end) std::this_thread::sleep_for(kStopTick);
  {
    const std::scoped_lock guard(stand_by_mutex_);
    ending_ = true;
  }
  wake_front();
  wake_worker();
  called_up_.notify_all();
  front_.join();
  for (auto& worker : workers_) worker.join();
  workers_.clear();
  table_.clear();
}

bool EpollServer::is_working() {
  // Still accepting, a request in a handler or on its way there, or an answer on its way out.
  if (front_watches_.load() || idle_workers_.load() < options_.threads || queued_.load() > 0 ||
      unfinished_count_.load() > 0) {
    return true;
  }
  const std::scoped_lock guard(table_mutex_);
  for (const auto& [connection, owned] : table_) {
    const std::unique_lock lock(connection->mutex(), std::try_to_lock);
    if (!lock || connection->phase() == Connection::Phase::writing) return true;
  }
  return false;
}

void EpollServer::wake_front() noexcept {
  if (front_watches_.exchange(true) && !ending_) return;
  static_cast<void>(::eventfd_write(front_event_.get(), 1));
}

void EpollServer::wake_worker() noexcept {
  static_cast<void>(::eventfd_write(workers_event_.get(), 1));
}

/// Waits to be called up, unless too few listen.
void EpollServer::stand_by() {
  std::unique_lock lock(stand_by_mutex_);
  if (listening_.fetch_sub(1) <= kListeners) {
    listening_.fetch_add(1);
    return;
  }
  ++standing_by_;
  called_up_.wait(lock, [this] { return calls_ > 0 || ending_; });
  --standing_by_;
  if (calls_ > 0) --calls_;
}

/// The last one who listened has become busy.
void EpollServer::call_up() {
  {
    const std::scoped_lock guard(stand_by_mutex_);
    if (calls_ == standing_by_) return;
    ++calls_;
    listening_.fetch_add(1);
  }
  called_up_.notify_one();
}

void EpollServer::run_worker() {
  while (true) {
    const bool unfinished = waits_to_be_finished();
    if (unfinished && is_overdue(kFinishWithin)) {
      finish_answers();
      continue;
    }
    if (queued_.load() > 0) {
      if (unfinished) wake_front();
      if (serve_queued()) continue;
    }
    epoll_event event{};
    const bool is_spare = listening_.load() > kListeners;
    const int patience = unfinished || is_spare ? 0 : -1;
    const int count = ::epoll_wait(connections_epoll_.get(), &event, 1, patience);
    if (ending_) break;
    if (count == 0 && unfinished) {
      finish_answers();
    } else if (count == 0) {
      stand_by();
    }
    if (count < 1 || event.data.ptr == nullptr) continue;
    if (unfinished) wake_front();
    const Busy busy(*this);
    serve(*static_cast<Connection*>(event.data.ptr), true);
  }
  wake_worker();  // the next one to end
}

bool EpollServer::serve_queued() {
  const Busy busy(*this);
  Waiting waiting{};
  {
    const std::scoped_lock guard(queue_mutex_);
    if (queue_.empty()) return false;
    waiting = queue_.front();
    queue_.pop_front();
    queued_.store(queue_.size());
  }
  const bool stale = waiting.since + options_.queue_timeout < Connection::Clock::now();
  if (stale) {
    refuse_waiting(*waiting.connection);
  } else {
    serve(*waiting.connection, true);
  }
  return true;
}

void EpollServer::serve(Connection& connection, bool may_handle) {
  using Phase = Connection::Phase;
  std::unique_lock lock(connection.mutex());
  if (connection.phase() == Phase::writing) {
    connection.write();
    connection.read_buffered();
  } else if (connection.phase() != Phase::handling) {
    connection.read();
  }
  account(connection);
  if (connection.in_body() && buffered_bytes_.load() > options_.max_buffered_bytes) {
    refuse_for_load(connection, "Too much is being sent at once. Please try again.");
  }
  while (connection.phase() == Phase::handling) {
    if (!may_handle) return enqueue(connection, lock);
    if (!handle(connection, lock)) return;
    connection.read_buffered();
  }
  dismiss(connection, lock);
}

void EpollServer::dismiss(Connection& connection, std::unique_lock<std::mutex>& lock) {
  account(connection);
  if (connection.phase() == Connection::Phase::closed) return close(connection, lock);
  give_back(connection, lock);
}

void EpollServer::refuse_for_load(Connection& connection, const char* reason) {
  stats_.overload.add();
  connection.refuse(503, reason);
}

void EpollServer::refuse_waiting(Connection& connection) {
  std::unique_lock lock(connection.mutex());
  refuse_for_load(connection, "The request has waited too long. Please try again.");
  dismiss(connection, lock);
}

/// False: the connection is in other hands by now, and its lock is given up.
bool EpollServer::handle(Connection& connection, std::unique_lock<std::mutex>& lock) {
  Handled answer = Response{};
  try {
    answer = handler_(connection.take_request());
  } catch (const std::exception& error) {
    log_.error(std::string("request handler failed reason=\"") + error.what() + "\"");
    answer.response.status = 500;
  }
  if (answer.rest) {
    lock.unlock();
    finish_later(connection, std::move(answer));
    return false;
  }
  connection.answer(std::move(answer.response), draining_);
  return true;
}

void EpollServer::finish_later(Connection& connection, Handled answer) {
  const std::scoped_lock guard(unfinished_mutex_);
  if (unfinished_.empty()) unfinished_since_ = Connection::Clock::now();
  unfinished_.push_back(std::move(answer));
  unfinished_of_.push_back(&connection);
  unfinished_count_ = unfinished_.size();
}

bool EpollServer::waits_to_be_finished() const {
  // In this order: who is done with finishing looks again.
  return unfinished_count_.load() > 0 && !finishing_.load();
}

bool EpollServer::is_overdue(std::chrono::microseconds patience) const {
  return unfinished_count_.load() >= kMostUnfinished ||
         unfinished_since_.load() + patience <= Connection::Clock::now();
}

/// Unless another thread is at it. What is left meanwhile is for the next time: whoever calls this
/// comes back, and others gather with it until then.
void EpollServer::finish_answers() {
  const Busy busy(*this);
  std::vector<Handled> answers;
  std::vector<Connection*> connections;
  {
    const std::scoped_lock guard(unfinished_mutex_);
    if (finishing_ || unfinished_.empty()) return;
    finishing_ = true;
    answers.swap(unfinished_);
    connections.swap(unfinished_of_);
    unfinished_count_ = 0;
  }
  finish_(answers);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    send_finished(*connections[i], std::move(answers[i].response));
  }
  finishing_ = false;
}

void EpollServer::send_finished(Connection& connection, Response response) {
  std::unique_lock lock(connection.mutex());
  connection.answer(std::move(response), draining_);
  connection.read_buffered();
  // What was sent without waiting for this answer shall not delay those of others.
  if (connection.phase() == Connection::Phase::handling) return enqueue(connection, lock);
  dismiss(connection, lock);
}

void EpollServer::account(Connection& connection) {
  buffered_bytes_.fetch_add(connection.count_bytes());
}

void EpollServer::give_back(Connection& connection, std::unique_lock<std::mutex>& lock) {
  epoll_event event{};
  const bool writing = connection.phase() == Connection::Phase::writing;
  event.events = (writing ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT;
  event.data.ptr = &connection;
  if (::epoll_ctl(connections_epoll_.get(), EPOLL_CTL_MOD, connection.fd(), &event) != 0) {
    log_.error("epoll_ctl failed reason=\"" + std::generic_category().message(errno) + "\"");
  }
  // From here on another thread may be told of the connection, and destroy it.
  lock.unlock();
}

void EpollServer::close(Connection& connection, std::unique_lock<std::mutex>& lock) {
  buffered_bytes_.fetch_sub(connection.counted_bytes());
  lock.unlock();
  const std::scoped_lock guard(table_mutex_);
  table_.erase(&connection);
}

void EpollServer::enqueue(Connection& connection, std::unique_lock<std::mutex>& lock) {
  bool full = false;
  {
    const std::scoped_lock guard(queue_mutex_);
    full = queue_.size() >= options_.max_queued_requests;
    if (!full) {
      queue_.push_back({&connection, Connection::Clock::now()});
      queued_.store(queue_.size());
    }
  }
  if (!full) {
    lock.unlock();
    if (idle_workers_.load() > 0) wake_worker();
    return;
  }
  refuse_for_load(connection, "Too many requests wait already. Please try again.");
  dismiss(connection, lock);
}

void EpollServer::describe(stats::Text& text) const {
  std::uint64_t open = 0;
  {
    const std::scoped_lock guard(table_mutex_);
    open = table_.size();
  }
  const unsigned idle = std::min(idle_workers_.load(), options_.threads);
  text.gauge("gnocchi_http_connections", "Open connections.").add({}, open);
  text.counter("gnocchi_http_connections_total", "Connections accepted.")
      .add({}, stats_.connections);
  text.gauge("gnocchi_http_threads", "Threads that answer requests.")
      .add({}, std::uint64_t{options_.threads});
  text.gauge("gnocchi_http_threads_busy", "Threads that answer one now.")
      .add({}, std::uint64_t{options_.threads - idle});
  text.gauge("gnocchi_http_requests_queued", "Complete requests that wait for a thread.")
      .add({}, std::uint64_t{queued_.load()});
  text.gauge("gnocchi_http_buffered_bytes", "Requests and answers in memory.")
      .add({}, std::uint64_t{buffered_bytes_.load()});
  auto& refused = text.counter("gnocchi_http_requests_refused_total",
                               "Requests answered 4xx or 503 before any route was looked for.");
  refused.add({{"reason", "malformed"}}, stats_.malformed);
  refused.add({{"reason", "expired"}}, stats_.expired);
  refused.add({{"reason", "overload"}}, stats_.overload);
}

}  // namespace gnocchi::api
