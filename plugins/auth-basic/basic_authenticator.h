#pragma once

#include "gnocchi/auth.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi {

/// The user name of "Authorization: Basic". No state; any thread.
class BasicAuthenticator final : public AuthenticatorDriver {
 public:
  explicit BasicAuthenticator(const plugin::Context&) {}

  void start() override {}
  void stop() noexcept override {}
  std::variant<Identity, Challenge> authenticate(const RequestHead& head) override;
};

}  // namespace gnocchi
