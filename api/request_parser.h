#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "api/http.h"

namespace gnocchi::api {

/// Takes HTTP/1.x requests apart as their bytes come in, however they are cut. Strict where
/// leniency lets requests be smuggled past a proxy: one Content-Length, never beside
/// Transfer-Encoding; no folded headers; no space before a colon. Bare line feeds are accepted as
/// line ends.
class RequestParser {
 public:
  struct Limits {
    std::size_t max_body_bytes = std::size_t{64} << 20;
    std::size_t max_target_bytes = std::size_t{128} << 10;  // /v1/aggregation/metric?metric=...
    std::size_t max_fields_bytes = std::size_t{64} << 10;
    std::size_t max_fields = 200;
  };
  enum class State {
    idle,      ///< nothing of a request has come
    head,      ///< request line or headers are incomplete
    body,      ///< the head is complete, the body is not
    complete,  ///< take() it
    failed,    ///< not a request: answer failure() and close
  };

  explicit RequestParser(const Limits& limits) : limits_(limits) {}

  /// Takes bytes off `data` until a request is complete or all are taken; returns how many.
  std::size_t consume(std::string_view data);

  State state() const noexcept { return state_; }
  /// The status to answer with: 400, 413, 414, 417, 431, 501 or 505.
  int failure() const noexcept { return failure_; }
  const char* failure_reason() const noexcept { return failure_reason_; }
  /// In state body: the sender waits for "100 Continue" before it sends the body. Once.
  bool take_expectation() noexcept;
  /// Whether the connection may be used for another request.
  bool keep_alive() const noexcept { return keep_alive_; }
  bool http_1_0() const noexcept { return http_1_0_; }
  std::size_t buffered_bytes() const noexcept { return head_.size() + body_.size(); }

  /// What is known of the request; in state complete all of it. The parser starts anew.
  Request take(std::string peer);

 private:
  enum class Part { request_line, fields, sized_body, chunk_size, chunk_data, chunk_end, trailers };

  void fail(int status, const char* reason) noexcept;
  /// Whether a whole line is there: then it is in line_, without its end.
  bool take_line(std::string_view& data, std::size_t limit, int status_beyond);
  void read_request_line();
  void read_field();
  void end_of_head();
  bool read_content_length(std::string_view text);
  void read_chunk_size();
  void take_body(std::string_view& data);
  void step(std::string_view& data);
  void reset();

  Limits limits_;
  State state_ = State::idle;
  Part part_ = Part::request_line;
  int failure_ = 0;
  const char* failure_reason_ = "";
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool expects_ = false;
  bool chunked_ = false;
  std::optional<std::size_t> length_;
  std::size_t rest_ = 0;          // of the body, or of the chunk in hand
  std::size_t fields_bytes_ = 0;  // of headers, or of trailers
  std::string head_;              // the incomplete line
  std::string line_;
  std::string method_;
  std::string target_;
  Headers headers_;
  std::string body_;
};

}  // namespace gnocchi::api
