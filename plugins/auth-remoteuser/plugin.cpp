#include "gnocchi/auth.h"
#include "gnocchi/plugin/manifest.h"
#include "remoteuser_authenticator.h"

namespace {

constexpr gnocchi::plugin::OptionSpec kOptions[] = {
    {"remoteuser_header", gnocchi::plugin::OptionType::text, "X-Remote-User",
     "Header in which the front end names the user it has authenticated; it must drop this header "
     "from what clients send."},
};

constexpr gnocchi::plugin::DriverSpec kDrivers[] = {
    {gnocchi::plugin::Kind::authenticator, gnocchi::kAuthenticatorInterface, "remoteuser",
     "Believes the user name that a front end put into a header.", kOptions, std::size(kOptions),
     &gnocchi::plugin::make<gnocchi::RemoteuserAuthenticator>},
};

}  // namespace

GNOCCHI_PLUGIN("auth-remoteuser", "0.1.0", kDrivers);
