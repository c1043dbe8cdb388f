// A server that dies and comes back, under load. It is a server of the test's own.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "gnocchi/error.h"
#include "indexer-mysql/mysql_dialect.h"
#include "indexer-sql/sql_indexer.h"
#include "tests/unit/indexer/test_log.h"

namespace gnocchi::mysql {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

NewMetric new_metric() {
  NewMetric metric;
  metric.id = MetricId(Uuid::random());
  metric.archive_policy_name = "p";
  return metric;
}

class MysqlServer : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/sbin/mariadbd")) {
      GTEST_SKIP() << "MariaDB (package mariadb-server) is not installed";
    }
    std::string name = (std::filesystem::temp_directory_path() / "gnocchi-mariadb-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    port_ = free_port();
    ASSERT_TRUE(script("up"));
    server_.url = sql::DatabaseUrl::parse(
        "mysql://gnocchi:gnocchi@127.0.0.1:" + std::to_string(port_) + "/gnocchi");
  }

  void TearDown() override {
    if (folder_.empty()) return;
    EXPECT_TRUE(script("down"));
    std::filesystem::remove_all(folder_);
  }

  bool script(const std::string& command) const {
    const std::string line = "MARIADB_PORT=" + std::to_string(port_) + " " GNOCCHI_SOURCE_DIR +
                             "/tests/services/mariadb " + command + " " + folder_ + " >&2";
    return std::system(line.c_str()) == 0;
  }

  MysqlOptions server_;
  SilentLog log_;

 private:
  static int free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(probe, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(probe);
    return ntohs(address.sin_port);
  }

  std::string folder_;
  int port_ = 0;
};

TEST_F(MysqlServer, AServerThatDiesAndComesBackIsUsedAgain) {
  sql::SqlIndexer indexer(std::make_unique<MysqlDialect>(server_), nullptr, {}, log_);
  indexer.start();
  indexer.upgrade();
  indexer.archive_policies().create({"p", 0, {{1s, 1, 1s}}, {"mean"}});
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::mutex mutex;
  std::vector<MetricId> made;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        const NewMetric metric = new_metric();
        const auto begin = steady_clock::now();
        try {
          indexer.metrics().create(metric);
          const std::lock_guard guard(mutex);
          made.push_back(metric.id);
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), Error::Code::unavailable) << error.what();
          EXPECT_LT(steady_clock::now() - begin, 10s);
          ++failures;
        }
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    const int before = failures;
    EXPECT_TRUE(script("kill"));
    const auto end = steady_clock::now() + 20s;
    while (failures == before && steady_clock::now() < end) std::this_thread::yield();
    EXPECT_TRUE(script("up"));
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(failures, 0);
  EXPECT_EQ(indexer.metrics().get(made, false).size(), made.size()) << "made ones are not lost";
  indexer.metrics().create(new_metric());
}

}  // namespace
}  // namespace gnocchi::mysql
