#include "remoteuser_authenticator.h"

#include <algorithm>

#include "gnocchi/error.h"

namespace gnocchi {
namespace {

// The index keeps creators in a column of this many characters.
constexpr std::size_t kMaxCreator = 255;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool is_header_name(std::string_view name) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           kPunctuation.find(c) != std::string_view::npos;
  });
}

/// Headers are bytes in ISO 8859-1, as WSGI has it; names are kept in UTF-8.
std::string utf8_from_latin1(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xc0 | byte >> 6);
      result += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return result;
}

}  // namespace

RemoteuserAuthenticator::RemoteuserAuthenticator(const plugin::Context& context)
    : header_(context.options.text("remoteuser_header")) {
  if (!is_header_name(header_)) {
    throw Error{
        Error::Code::invalid_config,
        "remoteuser_header = \"" + header_ + "\": not a header's name (example: X-Remote-User)"};
  }
}

std::variant<Identity, Challenge> RemoteuserAuthenticator::authenticate(const RequestHead& head) {
  const auto times =
      std::count_if(head.headers.begin(), head.headers.end(),
                    [&](const auto& field) { return same_name(field.first, header_); });
  // A second one is what a client has sent past the front end.
  if (times > 1) return Challenge{400, header_ + ": given more than once", {}};
  Identity who;
  who.creator = utf8_from_latin1(head.header(header_).value_or(""));
  if (who.creator.empty()) return Challenge{};
  if (who.creator.size() > kMaxCreator)
    return Challenge{400, header_ + ": longer than 255 bytes", {}};
  if (who.creator == "admin") who.roles.emplace_back("admin");
  return who;
}

}  // namespace gnocchi
