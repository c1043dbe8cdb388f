// What is said when the cluster cannot be used: each names who, where, and what to do.
#include <fstream>
#include <iterator>

#include "ceph_coordinator.h"
#include "ceph_incoming.h"
#include "ceph_storage.h"
#include "support.h"

namespace gnocchi::ceph::test {
namespace {

using Code = Error::Code;

class Connection : public ClusterCase {
 protected:
  /// Starts a driver with these options, which must fail, and returns what is said.
  static std::string refusal(Code code, Lent& lent) {
    CephStorage storage(lent.context);
    try {
      storage.start();
      ADD_FAILURE() << "it started";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      return error.what();
    }
    return {};
  }

  static void expect_words(const std::string& text, std::initializer_list<std::string> words) {
    for (const std::string& word : words) {
      EXPECT_NE(text.find(word), std::string::npos) << '"' << word << "\" is not in: " << text;
    }
  }

  static std::string secret() { return std::getenv("GNOCCHI_TEST_CEPH_SECRET"); }

  std::string write(const std::string& name, const std::string& text) {
    const auto path = directory.path / name;
    std::ofstream(path) << text;
    return path;
  }
  /// The cluster's configuration without the keyring and with a line more.
  std::string conf_with(const std::string& line) {
    std::ifstream original(std::getenv("GNOCCHI_TEST_CEPH_CONF"));
    std::string text;
    for (std::string each; std::getline(original, each);) {
      const bool replaced = each.starts_with("keyring") || each.starts_with("mon host");
      if (!replaced || (each.starts_with("mon host") && !line.starts_with("mon host"))) {
        text += each + '\n';
      }
      if (each == "[global]") text += line + '\n';
    }
    return write("ceph.conf", text);
  }

  TemporaryDirectory directory;
};

TEST_F(Connection, TheKeyringAloneOrTheSecretAloneSuffices) {
  Running<CephStorage> with_keyring;
  Lent lent("ceph_keyring", "");
  lent.set("ceph_secret", secret());
  Running<CephStorage> with_secret(lent);
  Running<CephIncoming> incoming(lent);
  Running<CephCoordinator> coordinator(lent);
}

TEST_F(Connection, AMissingPoolIsNamed) {
  Lent lent("ceph_pool", "nowhere");
  expect_words(refusal(Code::invalid_config, lent),
               {"no pool nowhere", "ceph_pool", "ceph osd pool create nowhere",
                lent.options.text("ceph_conffile")});
}

TEST_F(Connection, APoolThatTheUserMayNotUseIsNamedWithTheUserAndTheCapability) {
  Lent lent("ceph_pool", "other");
  expect_words(refusal(Code::invalid_config, lent),
               {"pool other", "client.gnocchi", "allow rwx pool=other"});
}

TEST_F(Connection, AWrongKeyIsToldWithoutShowingIt) {
  Lent lent("ceph_keyring", "");
  std::string wrong = secret();
  wrong[20] = wrong[20] == 'A' ? 'B' : 'A';
  lent.set("ceph_secret", wrong);
  const std::string said = refusal(Code::invalid_config, lent);
  expect_words(said, {"client.gnocchi", "ceph_secret", "ceph auth get client.gnocchi"});
  EXPECT_EQ(said.find(wrong), std::string::npos);
}

TEST_F(Connection, AKeyThatIsNoneIsToldWithoutShowingIt) {
  Lent lent("ceph_keyring", "");
  lent.set("ceph_secret", "opensesame");
  const std::string said = refusal(Code::invalid_config, lent);
  expect_words(said, {"client.gnocchi", "ceph_secret"});
  EXPECT_EQ(said.find("opensesame"), std::string::npos);
}

TEST_F(Connection, AnUnknownUserIsNamed) {
  Lent lent("ceph_username", "nobody");
  lent.set("ceph_keyring", "");
  lent.set("ceph_secret", secret());
  expect_words(refusal(Code::invalid_config, lent), {"client.nobody"});
}

TEST_F(Connection, AKeyringOfSomebodyElseIsNamed) {
  const std::string path = write("keyring", "[client.else]\n\tkey = " + secret() + "\n");
  Lent lent("ceph_keyring", path);
  expect_words(refusal(Code::invalid_config, lent), {"client.gnocchi", path});
}

TEST_F(Connection, AMissingKeyringIsNamed) {
  Lent lent("ceph_keyring", "/nowhere/keyring");
  expect_words(refusal(Code::invalid_config, lent),
               {"ceph_keyring /nowhere/keyring", "No such file", "client.gnocchi"});
}

TEST_F(Connection, AKeyringThatOnlyTheConffileNamesIsNamedIfItIsMissing) {
  Lent lent("ceph_keyring", "");
  lent.set("ceph_conffile", conf_with("keyring = /nowhere/$name.keyring"));
  expect_words(refusal(Code::invalid_config, lent),
               {"client.gnocchi", "/nowhere/", "ceph_keyring", "ceph_secret"});
}

TEST_F(Connection, ADamagedKeyringIsNamed) {
  const std::string path = write("keyring", "what\nis this\n");
  Lent lent("ceph_keyring", path);
  expect_words(refusal(Code::invalid_config, lent), {"client.gnocchi", path});
}

TEST_F(Connection, AMissingConffileIsNamed) {
  Lent lent("ceph_conffile", "/nowhere/ceph.conf");
  expect_words(refusal(Code::invalid_config, lent),
               {"ceph_conffile /nowhere/ceph.conf", "No such file"});
}

TEST_F(Connection, AnUnreachableMonitorIsWaitedForAndNamed) {
  Lent lent("ceph_timeout", "1");
  lent.set("ceph_conffile", conf_with("mon host = v2:127.0.0.1:1"));
  const auto begin = std::chrono::steady_clock::now();
  expect_words(refusal(Code::unavailable, lent), {"127.0.0.1:1", "within 1 s", "client.gnocchi"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST_F(Connection, StartIsRepeatedAfterItHasFailed) {
  Lent lent("ceph_timeout", "1");
  const std::string conf = conf_with("mon host = v2:127.0.0.1:1");
  lent.set("ceph_conffile", conf);
  CephStorage storage(lent.context);
  EXPECT_THROW(storage.start(), Error);
  // The monitor comes up.
  std::ifstream good(std::getenv("GNOCCHI_TEST_CEPH_CONF"));
  write("ceph.conf", {std::istreambuf_iterator<char>(good), {}});
  storage.start();
  EXPECT_TRUE(storage.list_splits({}, {}).empty());
  storage.stop();
}

TEST(CephCoordinatorUrl, HasNothingButItsScheme) {
  for (const char* url : {"ceph://pool", "ceph://user@/pool?x=y", "ceph:", "redis://"}) {
    Lent lent("coordination_url", url);
    expect_error(Code::invalid_config, "coordination_url",
                 [&] { CephCoordinator coordinator(lent.context); });
  }
}

}  // namespace
}  // namespace gnocchi::ceph::test
