#include "gnocchi/auth.h"
#include "gnocchi/plugin/manifest.h"
#include "keystone_authenticator.h"
#include "options.h"

namespace {

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {
    {gnocchi::plugin::Kind::authenticator, gnocchi::kAuthenticatorInterface, "keystone",
     "Validates the tokens of OpenStack's Keystone.", gnocchi::keystone::kOptions,
     std::size(gnocchi::keystone::kOptions),
     &gnocchi::plugin::make<gnocchi::keystone::KeystoneAuthenticator>},
};

}  // namespace

GNOCCHI_PLUGIN("auth-keystone", "0.1.0", kDrivers);
