// The configuration of the deployment guide (Newton, Ceph) is accepted to the letter.
#include <gmock/gmock.h>

#include "core/config/driver_options.h"
#include "core/config/settings.h"

namespace gnocchi::config {
namespace {

constexpr char kSeed[] = R"([DEFAULT]
create_legacy_resource_types = True

[database]
connection = mysql+pymysql://gnocchi:PASSWORD@DBHOST/gnocchi

[indexer]
url = mysql+pymysql://gnocchi:PASSWORD@DBHOST/gnocchi

[keystone_authtoken]
auth_uri = http://KEYSTONE:5000
auth_url = http://KEYSTONE:35357
memcached_servers = KEYSTONE:11211
auth_type = password
project_domain_name = default
user_domain_name = default
project_name = service
username = gnocchi
password = gnocchi

[oslo_messaging_rabbit]
rabbit_host = RABBIT
rabbit_userid = USER
rabbit_password = PASSWORD
amqp_durable_queues = True
rabbit_retry_interval = 1
rabbit_retry_backoff = 3
rabbit_interval_max = 60
rabbit_max_retries = 0
rabbit_ha_queues = True
rabbit_transient_queues_ttl = 600
rpc_queue_expiration = 60

[storage]
driver = ceph
ceph_pool = gnocchi
ceph_username = gnocchi
ceph_conffile = /etc/ceph/ceph.conf
ceph_keyring = /etc/ceph/ceph.client.gnocchi.keyring
ceph_secret = KEY_OF_CLIENT_GNOCCHI
)";

constexpr plugin::OptionSpec kCeph[] = {
    {"ceph_pool", plugin::OptionType::text, "gnocchi", "Pool."},
    {"ceph_username", plugin::OptionType::text, nullptr, "User."},
    {"ceph_conffile", plugin::OptionType::path, "/etc/ceph/ceph.conf", "File."},
    {"ceph_keyring", plugin::OptionType::path, nullptr, "Keyring."},
    {"ceph_secret", plugin::OptionType::text, nullptr, "Key.", false, true},
};

TEST(SeedConf, IsAcceptedVerbatim) {
  const auto settings = settings_from_text(kSeed, {}, "/etc/gnocchi/gnocchi.conf");
  EXPECT_TRUE(settings->boolean("DEFAULT", "create_legacy_resource_types"));
  EXPECT_EQ(settings->text("indexer", "url"), "mysql+pymysql://gnocchi:PASSWORD@DBHOST/gnocchi");
  EXPECT_EQ(settings->text("storage", "driver"), "ceph");
  EXPECT_EQ(settings->text("incoming", "driver"), "ceph");
}

TEST(SeedConf, GroupsThatAreNotOursAreOneInformationalLine) {
  const auto settings = settings_from_text(kSeed);
  ASSERT_EQ(settings->notices().size(), 1U);
  EXPECT_EQ(settings->notices()[0].level, plugin::Log::Level::info);
  EXPECT_EQ(settings->notices()[0].message,
            "groups of other programs, not read: oslo_messaging_rabbit");
}

TEST(SeedConf, GivesTheCephDriverItsOptions) {
  const auto settings = settings_from_text(kSeed);
  Faults faults;
  const auto options = make_driver_options(*settings, kCeph, {"incoming", "storage"}, {}, faults);
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(options->text("ceph_secret"), "KEY_OF_CLIENT_GNOCCHI");
  EXPECT_THAT(unknown_driver_keys(*settings, {{"storage", kCeph}}), testing::IsEmpty());
}

}  // namespace
}  // namespace gnocchi::config
