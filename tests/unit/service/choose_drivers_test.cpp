#include "core/service/choose_drivers.h"

#include <gmock/gmock.h>

#include "gnocchi/error.h"

namespace gnocchi::service {
namespace {

using plugin::Kind;
using testing::ElementsAre;

DriverChoice choose(Kind kind, const std::string& text) {
  return choose_driver(*config::settings_from_text(text), kind);
}

constexpr char kMysql[] = "[indexer]\nurl = mysql+pymysql://u:p@h/g\n";

TEST(ChooseDrivers, IndexerIsTheSchemeUpToThePlus) {
  const DriverChoice choice = choose(Kind::indexer, kMysql);
  EXPECT_EQ(choice.name, "mysql");
  EXPECT_EQ(choice.asked_by, "gnocchi.conf:2 [indexer] url = ***");
  EXPECT_THAT(choice.sections, ElementsAre("indexer"));
  EXPECT_EQ(choose(Kind::indexer, "[indexer]\nurl = sqlite:////var/x.db\n").name, "sqlite");
}

TEST(ChooseDrivers, IncomingIsStoragesUnlessNamed) {
  const std::string ceph = std::string(kMysql) + "[storage]\ndriver = ceph\n";
  EXPECT_EQ(choose(Kind::storage, ceph).name, "ceph");
  const DriverChoice choice = choose(Kind::incoming, ceph);
  EXPECT_EQ(choice.name, "ceph");
  EXPECT_THAT(choice.sections, ElementsAre("incoming", "storage"));
  EXPECT_EQ(choose(Kind::incoming, ceph + "[incoming]\ndriver = redis\n").name, "redis");
}

TEST(ChooseDrivers, CoordinatorIsTheUrlsSchemeElseTheIndexers) {
  const DriverChoice indexers = choose(Kind::coordinator, kMysql);
  EXPECT_EQ(indexers.name, "mysql");
  EXPECT_EQ(indexers.given.at("url"), "mysql+pymysql://u:p@h/g");
  const DriverChoice own =
      choose(Kind::coordinator,
             std::string(kMysql) + "[DEFAULT]\ncoordination_url = file:///run/gnocchi\n");
  EXPECT_EQ(own.name, "file");
  EXPECT_EQ(own.given.at("coordination_url"), "file:///run/gnocchi");
  EXPECT_THAT(own.sections, ElementsAre("coordination", "storage"));
}

TEST(ChooseDrivers, AuthenticatorIsBasicUnlessNamed) {
  EXPECT_EQ(choose(Kind::authenticator, kMysql).name, "basic");
  const DriverChoice choice =
      choose(Kind::authenticator, std::string(kMysql) + "[api]\nauth_mode = keystone\n");
  EXPECT_EQ(choice.name, "keystone");
  EXPECT_EQ(choice.asked_by, "gnocchi.conf:4 [api] auth_mode = keystone");
  EXPECT_THAT(choice.sections, ElementsAre("keystone_authtoken"));
}

TEST(ChooseDrivers, AuthSectionNamesAGroupThatComesFirst) {
  const std::string conf = std::string(kMysql) + "[api]\nauth_mode = keystone\n";
  EXPECT_THAT(
      choose(Kind::authenticator, conf + "[keystone_authtoken]\nauth_section = service\n").sections,
      ElementsAre("service", "keystone_authtoken"));
  EXPECT_THAT(choose(Kind::authenticator, conf + "[keystone_authtoken]\nauth_section =\n").sections,
              ElementsAre("keystone_authtoken"));
}

}  // namespace
}  // namespace gnocchi::service
