#include "api/url.h"

#include <algorithm>

namespace gnocchi::api {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(c == '+' && plus_is_space ? ' ' : c);
    }
  }
  return out;
}

bool is_unreserved(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || c == '~';
}

void append_encoded(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

}  // namespace

std::string decode_percent(std::string_view text) { return decode(text, false); }

std::string decode_form(std::string_view text) { return decode(text, true); }

std::string encode_path(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c) || c == '/') {
      out += c;
    } else {
      append_encoded(out, c);
    }
  }
  return out;
}

std::string encode_form(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      append_encoded(out, c);
    }
  }
  return out;
}

std::string absolute_url(const Request& request, std::string_view path) {
  return request.scheme + "://" + request.host + encode_path(request.prefix) + encode_path(path);
}

void set_location(const Request& request, Response& response, std::string_view path) {
  response.headers.set("Location", absolute_url(request, path));
}

void add_next_link(const Request& request, Response& response,
                   std::vector<std::pair<std::string, std::string>> parameters) {
  std::stable_sort(parameters.begin(), parameters.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string link = "<" + absolute_url(request, request.path);
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    link += separator;
    link += encode_form(name) + "=" + encode_form(value);
    separator = '&';
  }
  link += ">; rel=\"next\"";
  response.headers.add("Link", std::move(link));
}

}  // namespace gnocchi::api
