#include "basic_authenticator.h"
#include "gnocchi/auth.h"
#include "gnocchi/plugin/manifest.h"

namespace {

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {
    {gnocchi::plugin::Kind::authenticator, gnocchi::kAuthenticatorInterface, "basic",
     "Takes the user name of HTTP Basic authentication; checks no password.", nullptr, 0,
     &gnocchi::plugin::make<gnocchi::BasicAuthenticator>},
};

}  // namespace

GNOCCHI_PLUGIN("auth-basic", "0.1.0", kDrivers);
