#include "api/response_text.h"

#include <array>
#include <ctime>

#include "api/error_pages.h"

namespace gnocchi::api {
namespace {

/// "Sun, 22 Nov 2026 19:00:00 GMT", made once a second and thread.
std::string_view date_now() {
  thread_local std::time_t last = -1;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != last) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    // No program here sets a locale, so the names are the English ones that HTTP wants.
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    last = now;
  }
  return {text.data(), size};
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  for (const char c : value) out += c == '\r' || c == '\n' ? ' ' : c;
  out += "\r\n";
}

}  // namespace

bool has_body(const Response& response, const ResponseForm& form) {
  return !form.without_body && response.status != 204 && response.status != 304;
}

std::string response_head(const Response& response, const ResponseForm& form) {
  std::string out;
  out.reserve(512);
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += status_title(response.status);
  out += "\r\n";
  for (const auto& [name, value] : response.headers.all()) append_field(out, name, value);
  if (response.status != 304) {
    const std::size_t length = response.status == 204 ? 0 : response.body.size();
    append_field(out, "Content-Length", std::to_string(length));
  }
  append_field(out, "Date", date_now());
  if (!form.keep_alive) {
    append_field(out, "Connection", "close");
  } else if (form.http_1_0) {
    append_field(out, "Connection", "keep-alive");
  }
  out += "\r\n";
  return out;
}

}  // namespace gnocchi::api
