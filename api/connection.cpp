#include "api/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "api/error_pages.h"
#include "api/response_text.h"

namespace gnocchi::api {
namespace {

// Of one turn, so that a fast sender cannot keep a thread for itself.
constexpr std::size_t kMaxBytesPerTurn = std::size_t{4} << 20;
// How long, and how much, a client may go on sending after it was refused.
constexpr std::chrono::seconds kLinger{5};
constexpr std::size_t kMaxLingerBytes = std::size_t{64} << 20;

using State = RequestParser::State;

RequestParser::Limits limits_of(const ServerOptions& options) {
  RequestParser::Limits limits;
  limits.max_body_bytes = options.max_body_bytes;
  return limits;
}

/// Idle connections keep no buffers.
void release(std::string& buffer) { std::string().swap(buffer); }

/// What is received at a time. On the stack and not cleared: a thread that reads little touches
/// little of it, where each thread of the process, however many and whose, would clear its own at
/// its start.
using Chunk = std::array<char, std::size_t{64} << 10>;

}  // namespace

Connection::Connection(int fd, std::string peer, const ServerOptions& options, ServerStats& stats)
    : options_(options),
      stats_(stats),
      fd_(fd),
      peer_(std::move(peer)),
      deadline_(Clock::now() + options.idle_timeout),
      parser_(limits_of(options)) {}

Connection::~Connection() { ::close(fd_); }

Connection::Clock::time_point Connection::transfer_deadline(std::size_t bytes) const {
  const auto granted = std::chrono::milliseconds(bytes * 1000 / options_.min_bytes_per_s);
  return began_ + options_.transfer_timeout + granted;
}

std::size_t Connection::count_bytes() noexcept {
  const std::size_t now = parser_.buffered_bytes() + input_.size() + head_.size() + body_.size();
  const std::size_t growth = now - counted_bytes_;
  counted_bytes_ = now;
  return growth;
}

void Connection::read() {
  if (phase_ == Phase::lingering) return discard_input();
  Chunk buffer;
  std::size_t total = 0;
  while (phase_ == Phase::reading && total < kMaxBytesPerTurn) {
    const auto size = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (size > 0) {
      total += static_cast<std::size_t>(size);
      consume({buffer.data(), static_cast<std::size_t>(size)});
      // Less than asked for was all there was; of what comes now epoll tells.
      if (static_cast<std::size_t>(size) < buffer.size()) break;
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    phase_ = Phase::closed;  // the other end has gone, or has nothing more to ask
  }
}

void Connection::read_buffered() {
  if (phase_ != Phase::reading || input_.empty()) return;
  std::string data;
  data.swap(input_);
  consume(data);
}

void Connection::consume(std::string_view data) {
  const std::size_t taken = parser_.consume(data);
  input_.append(data.substr(taken));
  settle();
}

void Connection::settle() {
  const auto state = parser_.state();
  const auto now = Clock::now();
  if (state == State::failed) {
    stats_.malformed.add();
    return refuse(parser_.failure(), parser_.failure_reason());
  }
  if (state == State::complete) {
    phase_ = Phase::handling;
    return;
  }
  if (state == State::idle) {
    deadline_ = now + options_.idle_timeout;
  } else if (state == State::head) {
    if (last_state_ != State::head) deadline_ = now + options_.head_timeout;
  } else if (state == State::body) {
    if (last_state_ != State::body) began_ = now;
    deadline_ = transfer_deadline(parser_.buffered_bytes());
    if (parser_.take_expectation()) send_continue();
  }
  last_state_ = state;
}

void Connection::send_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // Too short to be cut where the client has read its last answer; if it has not, it may wait.
  static_cast<void>(::send(fd_, kContinue.data(), kContinue.size(), MSG_NOSIGNAL));
}

Request Connection::take_request() {
  form_.keep_alive = parser_.keep_alive();
  form_.http_1_0 = parser_.http_1_0();
  last_state_ = State::idle;
  Request request = parser_.take(peer_);
  form_.without_body = request.method == "HEAD";
  return request;
}

void Connection::answer(Response response, bool last) {
  if (last) form_.keep_alive = false;
  close_after_ = !form_.keep_alive;
  std::string head = response_head(response, form_);
  send(std::move(head), has_body(response, form_) ? std::move(response.body) : std::string());
}

void Connection::refuse(int status, const char* reason) {
  Request request = take_request();
  Headers headers;
  if (status == 503) headers.set("Retry-After", "2");
  answer(render_error(request, HttpError(status, Detail{reason, false}, std::move(headers))), true);
}

void Connection::send(std::string head, std::string body) {
  head_ = std::move(head);
  body_ = std::move(body);
  sent_ = 0;
  began_ = Clock::now();
  phase_ = Phase::writing;
  write();
}

void Connection::write() {
  while (left_to_send() > 0) {
    const auto size = send_some();
    if (size >= 0) {
      sent_ += static_cast<std::size_t>(size);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      deadline_ = transfer_deadline(sent_);
      return;
    } else if (errno != EINTR) {
      phase_ = Phase::closed;
      return;
    }
  }
  after_writing();
}

ssize_t Connection::send_some() noexcept {
  const std::size_t of_head = std::min(sent_, head_.size());
  const std::size_t of_body = sent_ - of_head;
  std::array<iovec, 2> parts{iovec{head_.data() + of_head, head_.size() - of_head},
                             iovec{body_.data() + of_body, body_.size() - of_body}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Connection::after_writing() {
  release(head_);
  release(body_);
  sent_ = 0;
  const auto now = Clock::now();
  if (close_after_) {
    // Closing at once would reset the connection under an answer that the client has not read yet,
    // if more of its request is on the way.
    ::shutdown(fd_, SHUT_WR);
    phase_ = Phase::lingering;
    deadline_ = now + kLinger;
    release(input_);
    return;
  }
  phase_ = Phase::reading;
  deadline_ = now + options_.idle_timeout;
}

void Connection::discard_input() {
  Chunk buffer;
  std::size_t turn = 0;
  while (turn < kMaxBytesPerTurn) {
    const auto size = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    turn += size > 0 ? static_cast<std::size_t>(size) : 0;
    sent_ += size > 0 ? static_cast<std::size_t>(size) : 0;
    if (size <= 0 || sent_ > kMaxLingerBytes) {
      phase_ = Phase::closed;
      return;
    }
  }
}

void Connection::expire() {
  if (phase_ == Phase::reading && !between_requests()) {
    stats_.expired.add();
    const Request request = take_request();
    const auto response = render_error(
        request, HttpError(408, "The request has not come in within the time allowed."));
    form_.keep_alive = false;
    std::string text = response_head(response, form_);
    if (has_body(response, form_)) text += response.body;
    static_cast<void>(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
  }
  shut_down();
}

void Connection::shut_down() noexcept { ::shutdown(fd_, SHUT_RDWR); }

}  // namespace gnocchi::api
