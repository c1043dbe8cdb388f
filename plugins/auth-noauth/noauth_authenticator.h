#pragma once

#include "gnocchi/auth.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi {

/// Believes what the request's headers say. No state; any thread.
class NoauthAuthenticator final : public AuthenticatorDriver {
 public:
  explicit NoauthAuthenticator(const plugin::Context&) {}

  void start() override {}
  void stop() noexcept override {}
  std::variant<Identity, Challenge> authenticate(const RequestHead& head) override;
};

}  // namespace gnocchi
