#include "noauth_authenticator.h"

namespace gnocchi {
namespace {

// The index keeps creators in a column of this many characters.
constexpr std::size_t kMaxCreator = 255;

std::optional<std::string> text(std::optional<std::string_view> header) {
  if (!header) return std::nullopt;
  return std::string{*header};
}

std::vector<std::string> split_roles(std::string_view header) {
  std::vector<std::string> roles;
  while (!header.empty()) {
    const std::size_t comma = header.find(',');
    std::string_view role = header.substr(0, comma);
    header.remove_prefix(comma == std::string_view::npos ? header.size() : comma + 1);
    while (role.starts_with(' ')) role.remove_prefix(1);
    while (role.ends_with(' ')) role.remove_suffix(1);
    if (!role.empty()) roles.emplace_back(role);
  }
  return roles;
}

}  // namespace

std::variant<Identity, Challenge> NoauthAuthenticator::authenticate(const RequestHead& head) {
  Identity who;
  who.user_id = text(head.header("X-User-Id"));
  who.project_id = text(head.header("X-Project-Id"));
  who.domain_id = text(head.header("X-Domain-Id"));
  who.roles = split_roles(head.header("X-Roles").value_or(""));
  who.creator = who.user_id.value_or("") + ":" + who.project_id.value_or("");
  // The creator is taken apart at its first colon.
  if (who.user_id && who.user_id->find(':') != std::string::npos) {
    return Challenge{400, "X-User-Id: ':' is not supported in a user id", {}};
  }
  if (who.creator.size() > kMaxCreator) {
    return Challenge{400, "X-User-Id and X-Project-Id are longer than 254 characters together", {}};
  }
  return who;
}

}  // namespace gnocchi
