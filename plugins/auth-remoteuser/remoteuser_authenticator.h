#pragma once

#include <string>

#include "gnocchi/auth.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi {

/// The user name that a front end put into a header. No state; any thread.
class RemoteuserAuthenticator final : public AuthenticatorDriver {
 public:
  /// Throws Error{invalid_config} for an option that is no header name.
  explicit RemoteuserAuthenticator(const plugin::Context& context);

  void start() override {}
  void stop() noexcept override {}
  std::variant<Identity, Challenge> authenticate(const RequestHead& head) override;

 private:
  std::string header_;
};

}  // namespace gnocchi
