#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "gnocchi/auth.h"
#include "gnocchi/plugin/context.h"
#include "settings.h"
#include "token.h"

namespace gnocchi::keystone {

/// Tells by the token in X-Auth-Token who sends a request; what keystonemiddleware's auth_token
/// does for Python's services. Nothing but tokens is read of a request: headers in which that
/// middleware tells a service who asks (X-User-Id, X-Roles, ...) mean nothing here.
class KeystoneAuthenticator final : public AuthenticatorDriver {
 public:
  /// Throws Error{invalid_config}.
  explicit KeystoneAuthenticator(const plugin::Context& context);
  ~KeystoneAuthenticator() override;

  /// Logs in at Keystone. If that does not go well it is logged and nothing else: requests are
  /// answered 503 until it does.
  void start() override;
  void stop() noexcept override;
  std::variant<Identity, Challenge> authenticate(const RequestHead& head) override;

 private:
  struct Running;

  /// The service's token, if there is a good one. False: there is a bad one.
  bool check_service(const RequestHead& head, TokenPtr& service);
  bool has_service_role(const Token& service) const;
  TokenPtr check_user(const RequestHead& head, std::string_view text, const Token* service);
  std::variant<Identity, Challenge> refuse() const;

  const Settings settings_;
  plugin::Log& log_;
  std::atomic<bool> warned_of_service_{false};
  std::unique_ptr<Running> running_;
};

}  // namespace gnocchi::keystone
