#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "api/connection.h"
#include "api/server.h"
#include "api/server_stats.h"
#include "core/stats/text.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::api {

/// All connections stand in one epoll set; each of `threads` workers takes one that is ready,
/// reads, and runs the handler itself when a request is complete, so that a request changes no
/// thread and an idle or slow connection occupies none. One more thread, the front, accepts,
/// enforces deadlines and, while all workers are busy, reads in their place: what it completes
/// waits in a bounded queue or is refused with 503 at once.
///
/// No more of the workers listen to epoll than there are processors; the others stand by and are
/// called up, one at a time, when all of those are busy.
///
/// Answers that handlers leave unfinished are gathered while other connections are ready, then one
/// worker finishes all of them, while others gather more: so requests that come at the same time
/// share a write and the wait for a disk, and keep no threads. Should a handler take long while
/// answers wait for its worker, the front has another worker see to them.
///
/// Of a connection's turns only one is under way at a time: epoll tells of it once (EPOLLONESHOT)
/// until the thread that was told gives it back. start() and stop() by one thread; the log outlives
/// the server.
class EpollServer : public Server {
 public:
  /// `finish`: not needed where the handler leaves nothing unfinished.
  EpollServer(ServerOptions options, RequestHandler handler, plugin::Log& log,
              Finisher finish = {});
  ~EpollServer() override;

  void start() override;
  void stop() noexcept override;
  std::uint16_t port() const noexcept override { return port_; }

  /// Connections, threads, queue and refusals. Any thread.
  void describe(stats::Text& text) const;

 private:
  class Descriptor {
   public:
    ~Descriptor() { reset(); }
    void reset(int fd = -1) noexcept;
    int get() const noexcept { return fd_; }

   private:
    int fd_ = -1;
  };
  struct Waiting {
    Connection* connection;
    Connection::Clock::time_point since;
  };
  class Listener;
  class Busy;

  void run_worker();
  void stand_by();
  void call_up();
  bool serve_queued();
  void serve(Connection& connection, bool may_handle);
  bool handle(Connection& connection, std::unique_lock<std::mutex>& lock);
  void finish_later(Connection& connection, Handled answer);
  bool waits_to_be_finished() const;
  bool is_overdue(std::chrono::microseconds patience) const;
  void finish_answers();
  void send_finished(Connection& connection, Response response);
  void refuse_waiting(Connection& connection);
  void refuse_for_load(Connection& connection, const char* reason);
  void enqueue(Connection& connection, std::unique_lock<std::mutex>& lock);
  void dismiss(Connection& connection, std::unique_lock<std::mutex>& lock);
  void give_back(Connection& connection, std::unique_lock<std::mutex>& lock);
  void close(Connection& connection, std::unique_lock<std::mutex>& lock);
  void account(Connection& connection);

  void run_front();
  void accept_all();
  void add_connection(int fd, std::string peer);
  bool is_full() const;
  void close_idlest();
  void pause_accepting(std::chrono::milliseconds pause, const std::string& reason);
  void read_for_workers();
  void refuse_stale();
  void expire_connections();
  void wake_front() noexcept;
  void wake_worker() noexcept;
  bool is_working();

  const ServerOptions options_;
  const RequestHandler handler_;
  const Finisher finish_;
  plugin::Log& log_;
  ServerStats stats_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Listener> listener_;
  Descriptor connections_epoll_;
  Descriptor front_epoll_;
  Descriptor workers_event_;
  Descriptor front_event_;
  std::thread front_;
  std::vector<std::thread> workers_;

  mutable std::mutex
      table_mutex_;  // a connection's own mutex is only tried under it, never waited for
  std::unordered_map<Connection*, std::unique_ptr<Connection>> table_;

  std::mutex queue_mutex_;
  std::deque<Waiting> queue_;
  std::atomic<std::size_t> queued_{0};

  std::mutex unfinished_mutex_;
  std::vector<Handled> unfinished_;
  std::vector<Connection*> unfinished_of_;  // of each its connection
  std::atomic<std::size_t> unfinished_count_{0};
  std::atomic<Connection::Clock::time_point> unfinished_since_{};
  std::atomic<bool> finishing_{false};  // by one worker at a time, who looks again afterwards

  std::atomic<std::size_t> buffered_bytes_{0};
  std::atomic<unsigned> idle_workers_{0};
  std::atomic<unsigned> listening_{0};  // of these, those who do not stand by
  std::mutex stand_by_mutex_;
  std::condition_variable called_up_;
  unsigned standing_by_ = 0;
  unsigned calls_ = 0;  // that none of them has heard yet

  std::atomic<bool> front_watches_{false};  // it looks every few milliseconds whether it must help
  std::atomic<bool> draining_{false};
  std::atomic<bool> ending_{false};

  // The front thread's own.
  bool accepting_ = false;
  Connection::Clock::time_point accept_again_;
  Connection::Clock::time_point accept_warning_;
};

}  // namespace gnocchi::api
