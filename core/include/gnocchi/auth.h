#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gnocchi/driver.h"

namespace gnocchi {

inline constexpr std::uint32_t kAuthenticatorInterface = 2;

/// The head of a request; names are compared without case.
struct GNOCCHI_API RequestHead {
  std::string_view method;
  std::string_view path;
  std::vector<std::pair<std::string_view, std::string_view>> headers;

  /// The first header of this name.
  std::optional<std::string_view> header(std::string_view name) const noexcept;
};

/// Who asks. What a policy rule calls credentials.
struct Identity {
  /// What is stored as creator of what is made: "user:project", or the user's name alone where the
  /// mode knows no projects.
  std::string creator;
  std::optional<std::string> user_id;
  std::optional<std::string> project_id;
  std::optional<std::string> domain_id;
  std::vector<std::string> roles;
  /// Further credentials for policy rules (system_scope, user_domain_id, ...).
  std::vector<std::pair<std::string, std::string>> attributes;
};

/// The request is not authenticated.
struct Challenge {
  int status = 401;
  std::string message;                                       ///< for the error body; may be empty
  std::vector<std::pair<std::string, std::string>> headers;  ///< WWW-Authenticate etc.
  /// The whole body, where clients expect a form of its own; its Content-Type is among `headers`.
  /// Empty: an error body as for any other status, with `message` in it.
  std::string body{};
};

/// Tells who sends a request. Knows nothing of rights: policy rules decide those.
class GNOCCHI_API AuthenticatorDriver : public Driver {
 public:
  /// Throws Error{unavailable|timed_out} if the identity service does not answer: the request is
  /// then answered 503, never let through and never 401.
  virtual std::variant<Identity, Challenge> authenticate(const RequestHead& head) = 0;
};

}  // namespace gnocchi
