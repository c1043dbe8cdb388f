#include "http_exchange.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace gnocchi::keystone {
namespace {

constexpr std::size_t kMostLineBytes = 64 * 1024;
constexpr std::size_t kMostHeaders = 256;
// A catalogue of a cloud with many regions has some hundred KiB.
constexpr std::size_t kMostBodyBytes = 8 * 1024 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::size_t number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (code != std::errc{} || end == text.data()) {
    throw NetworkFailure("not a length: \"" + std::string(text.substr(0, 40)) + "\"");
  }
  return value;
}

[[noreturn]] void refuse_size() {
  throw NetworkFailure("a body of more than " + std::to_string(kMostBodyBytes) + " bytes");
}

struct StatusLine {
  int status = 0;
  bool keeps = false;  // HTTP/1.1
};

StatusLine parse_status(const std::string& line) {
  // "HTTP/1.1 200 OK"
  constexpr std::size_t kCode = 9;
  StatusLine parsed;
  const bool http = line.starts_with("HTTP/1.") && line.size() >= kCode + 3 && line[8] == ' ';
  const char* const code = line.data() + kCode;
  if (!http || std::from_chars(code, code + 3, parsed.status).ptr != code + 3 ||
      parsed.status < 100) {
    throw NetworkFailure("not HTTP: \"" + line.substr(0, 80) + "\"");
  }
  parsed.keeps = line[7] != '0';
  return parsed;
}

std::vector<std::pair<std::string, std::string>> read_headers(Socket& socket) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (;;) {
    const std::string line = socket.read_line(kMostLineBytes);
    if (line.empty()) return headers;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos || headers.size() == kMostHeaders) {
      throw NetworkFailure("bad headers: \"" + line.substr(0, 80) + "\"");
    }
    headers.emplace_back(line.substr(0, colon),
                         std::string(trim(std::string_view(line).substr(colon + 1))));
  }
}

std::string read_chunks(Socket& socket) {
  std::string body;
  for (;;) {
    const std::size_t size = number(socket.read_line(kMostLineBytes), 16);
    if (size == 0) break;
    if (size > kMostBodyBytes - body.size()) refuse_size();
    body += socket.read(size);
    socket.read_line(kMostLineBytes);
  }
  while (!socket.read_line(kMostLineBytes).empty()) {
  }
  return body;
}

}  // namespace

std::optional<std::string_view> HttpAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same(key, name)) return value;
  }
  return std::nullopt;
}

std::string request_text(const HttpRequest& request, const std::string& host,
                         const std::string& path) {
  std::string text = request.method;
  const auto add_header = [&text](std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
  };
  text.append(" ").append(path).append(" HTTP/1.1\r\n");
  add_header("Host", host);
  add_header("User-Agent", "gnocchi auth-keystone");
  add_header("Accept", "application/json");
  for (const auto& [name, value] : request.headers) add_header(name, value);
  if (!request.body.empty()) {
    add_header("Content-Type", "application/json");
    add_header("Content-Length", std::to_string(request.body.size()));
  }
  return text.append("\r\n").append(request.body);
}

ReceivedAnswer receive_answer(Socket& socket) {
  ReceivedAnswer received;
  StatusLine line;
  HttpAnswer& answer = received.answer;
  do {
    line = parse_status(socket.read_line(kMostLineBytes));
    answer.headers = read_headers(socket);
  } while (line.status < 200);  // "100 Continue", though nobody asked
  answer.status = line.status;
  const auto connection = answer.header("Connection");
  received.reusable = line.keeps ? !(connection && same(*connection, "close"))
                                 : connection && same(*connection, "keep-alive");
  const auto coding = answer.header("Transfer-Encoding");
  const auto length = answer.header("Content-Length");
  if (answer.status == 204 || answer.status == 304) return received;
  if (coding && !same(*coding, "identity")) {
    if (!same(*coding, "chunked")) {
      throw NetworkFailure("Transfer-Encoding: " + std::string(coding->substr(0, 40)));
    }
    answer.body = read_chunks(socket);
  } else if (length) {
    const std::size_t size = number(*length, 10);
    if (size > kMostBodyBytes) refuse_size();
    answer.body = socket.read(size);
  } else {
    answer.body = socket.read_to_end(kMostBodyBytes);
    received.reusable = false;
  }
  return received;
}

}  // namespace gnocchi::keystone
