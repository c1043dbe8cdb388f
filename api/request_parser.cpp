#include "api/request_parser.h"

#include <algorithm>
#include <charconv>

namespace gnocchi::api {
namespace {

// A method, or a chunk's size with its extensions, is never as long.
constexpr std::size_t kMaxMethodBytes = 32;
constexpr std::size_t kMaxChunkLineBytes = 1024;
// Room that is made for a body before it comes, so that it need not be moved while it grows. Memory
// that nothing is written to is none.
constexpr std::size_t kMaxReservedBytes = std::size_t{1} << 20;
// Of a line's buffer that is kept for the next request.
constexpr std::size_t kMaxKeptBytes = 512;

bool is_token_character(char c) noexcept {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool has_control_characters(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

/// What make_request() takes.
bool is_target(std::string_view target) noexcept {
  return target.starts_with('/') || target.starts_with("http://") ||
         target.starts_with("https://") || target == "*";
}

/// Whether a comma-separated header names `token`.
bool lists(std::string_view header, std::string_view token) noexcept {
  while (!header.empty()) {
    const auto end = header.find(',');
    if (equals_ignoring_case(trim(header.substr(0, end)), token)) return true;
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
  }
  return false;
}

}  // namespace

void RequestParser::fail(int status, const char* reason) noexcept {
  state_ = State::failed;
  failure_ = status;
  failure_reason_ = reason;
  keep_alive_ = false;
}

std::size_t RequestParser::consume(std::string_view data) {
  const std::size_t size = data.size();
  while (!data.empty() && state_ != State::complete && state_ != State::failed) step(data);
  return size - data.size();
}

void RequestParser::step(std::string_view& data) {
  switch (part_) {
    case Part::request_line:
      // Empty lines before a request are skipped: some clients end a body with one.
      if (head_.empty() && (data.front() == '\r' || data.front() == '\n')) {
        data.remove_prefix(1);
        return;
      }
      state_ = State::head;
      if (take_line(data, limits_.max_target_bytes + kMaxMethodBytes, 414)) read_request_line();
      return;
    case Part::fields:
      if (!take_line(data, limits_.max_fields_bytes, 431)) return;
      if (line_.empty()) return end_of_head();
      return read_field();
    case Part::chunk_size:
      if (take_line(data, kMaxChunkLineBytes, 400)) read_chunk_size();
      return;
    case Part::chunk_end:
      if (!take_line(data, kMaxChunkLineBytes, 400)) return;
      if (!line_.empty()) return fail(400, "A chunk is longer than it says");
      part_ = Part::chunk_size;
      return;
    case Part::trailers:
      if (!take_line(data, limits_.max_fields_bytes, 431)) return;
      fields_bytes_ += line_.size();
      if (fields_bytes_ > limits_.max_fields_bytes) return fail(431, "Too many trailers");
      if (line_.empty()) state_ = State::complete;
      return;
    case Part::sized_body:
    case Part::chunk_data: return take_body(data);
  }
}

bool RequestParser::take_line(std::string_view& data, std::size_t limit, int status_beyond) {
  const auto end = data.find('\n');
  const auto part = data.substr(0, end);
  if (head_.size() + part.size() > limit) {
    fail(status_beyond, "A line of the request is too long");
    return false;
  }
  head_.append(part);
  if (end == std::string_view::npos) {
    data = {};
    return false;
  }
  data.remove_prefix(end + 1);
  if (head_.ends_with('\r')) head_.pop_back();
  line_.swap(head_);
  head_.clear();
  return true;
}

void RequestParser::read_request_line() {
  const std::string_view line = line_;
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return fail(400, "The request line is malformed");
  }
  const auto target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  if (!is_token(line.substr(0, first)) || first > kMaxMethodBytes) {
    return fail(400, "The method is malformed");
  }
  if (target.empty() || target.find(' ') != std::string_view::npos ||
      has_control_characters(target) || target.find('\t') != std::string_view::npos) {
    return fail(400, "The request target is malformed");
  }
  if (target.size() > limits_.max_target_bytes) return fail(414, "The URL is too long");
  if (!is_target(target)) return fail(400, "The request target is no path and no URL");
  if (version == "HTTP/1.1" || version == "HTTP/1.0") {
    http_1_0_ = version.back() == '0';
  } else {
    return version.starts_with("HTTP/") ? fail(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here")
                                        : fail(400, "The request line is malformed");
  }
  method_ = line.substr(0, first);
  target_ = target;
  keep_alive_ = !http_1_0_;
  part_ = Part::fields;
}

void RequestParser::read_field() {
  const std::string_view line = line_;
  fields_bytes_ += line.size();
  if (fields_bytes_ > limits_.max_fields_bytes || headers_.all().size() >= limits_.max_fields) {
    return fail(431, "The headers are too many or too long");
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return fail(400, "A header is malformed");
  }
  const auto name = line.substr(0, colon);
  const auto value = trim(line.substr(colon + 1));
  if (has_control_characters(value)) return fail(400, "A header has control characters");
  if (equals_ignoring_case(name, "Content-Length")) {
    if (!read_content_length(value)) return;
  } else if (equals_ignoring_case(name, "Transfer-Encoding")) {
    if (chunked_ || !equals_ignoring_case(value, "chunked")) {
      return fail(501, "The only transfer encoding taken here is chunked");
    }
    chunked_ = true;
  } else if (equals_ignoring_case(name, "Connection")) {
    if (lists(value, "close")) keep_alive_ = false;
    if (http_1_0_ && lists(value, "keep-alive")) keep_alive_ = true;
  } else if (equals_ignoring_case(name, "Expect")) {
    if (!equals_ignoring_case(value, "100-continue")) return fail(417, "Unknown expectation");
    expects_ = !http_1_0_;
  } else if (equals_ignoring_case(name, "Host") && headers_.get("Host")) {
    return fail(400, "There are two Host headers");
  }
  headers_.add(name, std::string(value));
}

bool RequestParser::read_content_length(std::string_view text) {
  std::size_t length = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), length);
  if (result.ec == std::errc::result_out_of_range) {
    fail(413, "The body is too large");
    return false;
  }
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() ||
      (length_ && *length_ != length)) {
    fail(400, "Content-Length is malformed");
    return false;
  }
  length_ = length;
  return true;
}

void RequestParser::end_of_head() {
  if (chunked_ && length_) return fail(400, "Content-Length and Transfer-Encoding contradict");
  if (chunked_ && http_1_0_) return fail(400, "HTTP/1.0 has no chunked bodies");
  if (!http_1_0_ && !headers_.get("Host")) return fail(400, "There is no Host header");
  if (length_.value_or(0) > limits_.max_body_bytes) return fail(413, "The body is too large");
  if (chunked_) {
    state_ = State::body;
    part_ = Part::chunk_size;
    return;
  }
  rest_ = length_.value_or(0);
  body_.reserve(std::min(rest_, kMaxReservedBytes));
  part_ = Part::sized_body;
  state_ = rest_ == 0 ? State::complete : State::body;
}

void RequestParser::read_chunk_size() {
  const std::string_view line = std::string_view(line_).substr(0, line_.find(';'));
  const auto text = trim(line);
  std::size_t size = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), size, 16);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) {
    return fail(400, "A chunk's size is malformed");
  }
  if (size > limits_.max_body_bytes - body_.size()) return fail(413, "The body is too large");
  rest_ = size;
  fields_bytes_ = 0;
  part_ = size == 0 ? Part::trailers : Part::chunk_data;
}

void RequestParser::take_body(std::string_view& data) {
  const std::size_t size = std::min(rest_, data.size());
  body_.append(data.substr(0, size));
  data.remove_prefix(size);
  rest_ -= size;
  if (rest_ != 0) return;
  if (part_ == Part::chunk_data) {
    part_ = Part::chunk_end;
  } else {
    state_ = State::complete;
  }
}

bool RequestParser::take_expectation() noexcept {
  const bool expects = expects_ && state_ == State::body && body_.empty();
  expects_ = false;
  return expects;
}

Request RequestParser::take(std::string peer) {
  Request request;
  if (state_ == State::complete) {
    request = make_request(std::move(method_), target_, std::move(headers_), std::move(body_),
                           std::move(peer))
                  .value();
  } else {
    request.method = std::move(method_);
    request.headers = std::move(headers_);
    request.peer = std::move(peer);
  }
  reset();
  return request;
}

void RequestParser::reset() {
  const Limits limits = limits_;
  for (std::string* buffer : {&head_, &line_, &target_}) {
    if (buffer->capacity() > kMaxKeptBytes) std::string().swap(*buffer);
  }
  *this = RequestParser(limits);
}

}  // namespace gnocchi::api
