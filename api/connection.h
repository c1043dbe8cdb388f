#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

#include "api/request_parser.h"
#include "api/response_text.h"
#include "api/server.h"
#include "api/server_stats.h"

namespace gnocchi::api {

/// One client's connection: what has come of its next request, what is still to be sent of the last
/// answer, and until when either must be done. Nothing here blocks: a socket that is not ready
/// leaves the rest for the next turn. Who calls holds mutex(); who destroys it closes the socket.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Phase {
    reading,    ///< for a request, or between two
    handling,   ///< a complete request waits for a thread or is in its hands
    writing,    ///< the socket takes no more for now
    lingering,  ///< answered for the last time; what the client still sends is thrown away
    closed,     ///< nothing more to do but to destroy it
  };

  Connection(int fd, std::string peer, const ServerOptions& options, ServerStats& stats);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  std::mutex& mutex() noexcept { return mutex_; }
  int fd() const noexcept { return fd_; }
  Phase phase() const noexcept { return phase_; }
  Clock::time_point deadline() const noexcept { return deadline_; }
  /// By how much its buffers have grown since the last call (modulo 2^n, so that sums come right).
  std::size_t count_bytes() noexcept;
  std::size_t counted_bytes() const noexcept { return counted_bytes_; }
  bool between_requests() const noexcept {
    return phase_ == Phase::reading && parser_.state() == RequestParser::State::idle;
  }
  /// In phase reading: a body is on its way.
  bool in_body() const noexcept {
    return phase_ == Phase::reading && parser_.state() == RequestParser::State::body;
  }

  /// Reads what is there. Afterwards: phase handling, with a request to be taken; or reading, more
  /// is needed; or it has answered a malformed one itself.
  void read();
  /// After an answer is out: goes on with what has been read already.
  void read_buffered();
  Request take_request();
  /// Sends the answer to the request taken; `last`: and closes then.
  void answer(Response response, bool last);
  /// In phase writing: the socket takes more.
  void write();
  /// Answers with this status and closes: 400, 408, 413, 503, ...
  void refuse(int status, const char* reason);
  /// The deadline is over: says so if the client is in the middle of a request, and shuts down, so
  /// that the event for it closes the connection.
  void expire();
  /// Shuts both directions down.
  void shut_down() noexcept;

 private:
  void consume(std::string_view data);
  void settle();
  void send_continue();
  void discard_input();
  void send(std::string head, std::string body);
  std::size_t left_to_send() const noexcept { return head_.size() + body_.size() - sent_; }
  /// As send(2).
  ssize_t send_some() noexcept;
  void after_writing();
  Clock::time_point transfer_deadline(std::size_t bytes) const;

  const ServerOptions& options_;
  ServerStats& stats_;
  const int fd_;
  const std::string peer_;
  std::mutex mutex_;
  Phase phase_ = Phase::reading;
  Clock::time_point deadline_;
  Clock::time_point began_;  // the head, the body or the answer in hand
  RequestParser parser_;
  RequestParser::State last_state_ = RequestParser::State::idle;
  std::string input_;  // read beyond the request in hand
  std::string head_;   // of the answer in hand
  std::string body_;
  std::size_t sent_ = 0;  // of both; in phase lingering: thrown away
  std::size_t counted_bytes_ = 0;
  ResponseForm form_;  // for the answer to the request in hand
  bool close_after_ = false;
};

}  // namespace gnocchi::api
