#include "gnocchi/auth.h"
#include "gnocchi/plugin/manifest.h"
#include "noauth_authenticator.h"

namespace {

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {
    {gnocchi::plugin::Kind::authenticator, gnocchi::kAuthenticatorInterface, "noauth",
     "Believes the X-User-Id, X-Project-Id and X-Roles headers of the request.", nullptr, 0,
     &gnocchi::plugin::make<gnocchi::NoauthAuthenticator>},
};

}  // namespace

GNOCCHI_PLUGIN("auth-noauth", "0.1.0", kDrivers);
