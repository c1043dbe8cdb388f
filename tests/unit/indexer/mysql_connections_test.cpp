// Lost connections, and a server that dies and comes back.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "gnocchi/error.h"
#include "tests/unit/indexer/mysql_database.h"

namespace gnocchi::mysql {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

void prepare(sql::SqlIndexer& indexer) {
  indexer.upgrade();
  indexer.archive_policies().create({"p", 0, {{1s, 1, 1s}}, {"mean"}});
}

NewMetric new_metric() {
  NewMetric metric;
  metric.id = MetricId(Uuid::random());
  metric.archive_policy_name = "p";
  return metric;
}

class MysqlConnections : public MysqlDatabase {
 protected:
  /// Ends all connections to the own database, between statements and in the midst of them.
  void kill_connections() {
    const MysqlDialect dialect(server_);
    const auto connection = dialect.connect();
    std::vector<std::int64_t> ids;
    const sql::ColumnKind kinds[] = {sql::ColumnKind::integer};
    connection->query("SELECT id FROM information_schema.processlist WHERE db = " +
                          dialect.text(own_.url.database),
                      kinds, [&](const sql::Row& row) { ids.push_back(row.integer(0)); });
    for (const std::int64_t id : ids) {
      try {
        connection->execute("KILL " + std::to_string(id));
      } catch (const sql::SqlError&) {  // gone by itself
      }
    }
  }
};

TEST_F(MysqlConnections, KilledConnectionsAreReplacedUnnoticed) {
  const auto indexer = opened();
  prepare(*indexer);
  std::atomic<bool> stop{false};
  std::atomic<int> unavailable{0};
  std::mutex mutex;
  std::vector<MetricId> made;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        NewResource resource;
        resource.id = ResourceId(Uuid::random());
        resource.type = "generic";
        resource.original_resource_id = "x";
        resource.metrics = {{"m", std::nullopt, new_metric()}};
        const NewMetric metric = new_metric();
        try {
          indexer->resources().create(resource);
          indexer->metrics().create(metric);
        } catch (const Error& error) {
          // A killer this busy may hit every retry.
          EXPECT_EQ(error.code(), Error::Code::unavailable) << error.what();
          ++unavailable;
          continue;
        }
        const std::lock_guard guard(mutex);
        made.push_back(metric.id);
        made.push_back(resource.metrics[0].created->id);
      }
    });
  }
  const auto end = steady_clock::now() + 2s;
  int kills = 0;
  while (steady_clock::now() < end) {
    kill_connections();
    ++kills;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(indexer->metrics().get(made, false).size(), made.size());
  EXPECT_GT(made.size(), 0U);
  RecordProperty("kills", kills);
  RecordProperty("unavailable", unavailable.load());
}

TEST_F(MysqlConnections, AFullPoolIsWaitedForOnlySoLong) {
  sql::DbOptions options;
  options.pool_size = 1;
  options.pool_wait = 50ms;
  const MysqlDialect dialect(own_);
  sql::Db db(dialect, options, log_);
  db.start();
  db.run("outer", [&](sql::Connection&, const sql::Attempt&) {
    try {
      db.run("inner", [](sql::Connection&, const sql::Attempt&) {});
      ADD_FAILURE() << "there is one connection only";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::unavailable);
    }
  });
}

TEST_F(MysqlConnections, DeadlocksAreRunAgain) {
  const auto indexer = opened();
  const MysqlDialect dialect(own_);
  sql::Db db(dialect, {}, log_);
  db.start();
  db.write("make", [](sql::Connection& connection, const sql::Attempt&) {
    connection.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
    connection.execute("INSERT INTO t VALUES (1, 0), (2, 0)");
  });
  std::atomic<int> runs{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 20; ++n) {
        db.transaction("cross", [&](sql::Connection& connection, const sql::Attempt&) {
          ++runs;
          connection.execute("UPDATE t SET n = n + 1 WHERE id = " + std::to_string(1 + i));
          connection.execute("DO SLEEP(0.01)");
          connection.execute("UPDATE t SET n = n + 1 WHERE id = " + std::to_string(2 - i));
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(texts("SELECT n FROM t"), (std::vector<std::string>{"40", "40"}));
  EXPECT_GT(runs, 40) << "no deadlock came about";
}

TEST_F(MysqlConnections, WrongAccountsAndNamesAreConfigurationErrors) {
  const auto code = [&](MysqlOptions options) {
    sql::SqlIndexer indexer(std::make_unique<MysqlDialect>(options), nullptr, {}, log_);
    try {
      indexer.start();
    } catch (const Error& error) {
      return error.code();
    }
    return Error::Code::internal;
  };
  MysqlOptions options = own_;
  options.url.password = "wrong '\\ password";
  EXPECT_EQ(code(options), Error::Code::invalid_config);
  options = own_;
  options.url.database = "no_such_database";
  EXPECT_EQ(code(options), Error::Code::invalid_config);
  options = own_;
  options.url.port = 1;
  options.url.query.erase("unix_socket");
  EXPECT_EQ(code(options), Error::Code::unavailable);
}

}  // namespace
}  // namespace gnocchi::mysql
