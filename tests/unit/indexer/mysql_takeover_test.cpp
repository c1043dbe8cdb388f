// A database that Python Gnocchi 4.4 has made and filled is taken over, and Python goes on with it.
#include <sys/wait.h>

#include "gnocchi/error.h"
#include "tests/unit/indexer/mysql_database.h"

namespace gnocchi::mysql {
namespace {

using namespace std::chrono_literals;

constexpr char kPython[] = "/usr/bin/python3";

ResourceId resource(int n) {
  return ResourceId(*Uuid::parse("0000000000000000000000000000000" + std::to_string(n)));
}
const MetricId kMetric(*Uuid::parse("0000000000000000000000000000000a"));
const MetricId kDeleted(*Uuid::parse("0000000000000000000000000000000b"));
const Uuid kImage = *Uuid::parse("11111111-2222-3333-4444-555555555555");

Timestamp at(std::int64_t seconds, std::int64_t us) {
  return Timestamp(std::chrono::seconds(seconds) + std::chrono::microseconds(us));
}

class MysqlTakeover : public MysqlDatabase {
 protected:
  void SetUp() override {
    MysqlDatabase::SetUp();
    if (IsSkipped()) return;
    const std::string line =
        std::string(kPython) + " -c 'import gnocchi.indexer.sqlalchemy, pymysql' 2>/dev/null";
    if (std::system(line.c_str()) != 0) {
      GTEST_SKIP() << "Python Gnocchi (packages python3-gnocchi, python3-pymysql) is not installed";
    }
  }

  bool python(const std::string& command) const {
    const std::string line = std::string(kPython) + " " + GNOCCHI_SOURCE_DIR +
                             "/tests/unit/indexer/python_index.py " + command + " '" + url() + "'";
    return std::system(line.c_str()) == 0;
  }

  static void expect_pythons_rows(IndexerDriver& indexer) {
    const auto policy = indexer.archive_policies().get("mine");
    ASSERT_TRUE(policy);
    EXPECT_EQ(policy->back_window, 2U);
    EXPECT_EQ(policy->definition, (std::vector<ArchivePolicyItem>{{500ms, 10, 5s}, {60s, {}, {}}}));
    EXPECT_EQ(policy->aggregation_methods.size(), 215U);
    EXPECT_EQ(indexer.archive_policies().list().size(), 5U);
    EXPECT_EQ(indexer.archive_policies().get("low")->aggregation_methods,
              (std::vector<std::string>{"count", "max", "mean", "min", "std", "sum"}));
    EXPECT_EQ(indexer.archive_policies().get_rule("rule"),
              (ArchivePolicyRule{"rule", "disk.*", "mine"}));

    const auto type = indexer.resource_types().get("server");
    ASSERT_TRUE(type);
    EXPECT_EQ(type->attributes.at("size"),
              (AttributeSpec{AttributeType::number, false, {}, {}, 0, 7.5}));
    ResourceQuery query;
    query.type = "server";
    query.history = true;
    query.sorts = {{"revision_start"}};
    const auto rows = indexer.resources().list(query);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].id, resource(1));
    EXPECT_EQ(rows[0].creator, "user:project");
    EXPECT_EQ(rows[0].original_resource_id, "web it's 1");
    EXPECT_EQ(rows[0].started_at, at(1388570400, 250000));
    EXPECT_EQ(rows[0].attributes, (std::map<std::string, Value>{{"flavor", "small"},
                                                                {"image", kImage},
                                                                {"size", 0.1},
                                                                {"flag", true},
                                                                {"when", at(1433116800, 1)}}));
    EXPECT_EQ(rows[0].revision_end, rows[1].revision_start);
    EXPECT_EQ(rows[1].revision, -1);
    EXPECT_EQ(rows[1].project_id, "P");
    EXPECT_EQ(rows[1].attributes.at("flavor"), Value("large"));
    ASSERT_EQ(rows[1].metrics.size(), 1U);
    EXPECT_EQ(rows[1].metrics[0].name, "cpu");
    EXPECT_EQ(rows[1].metrics[0].unit, "ns");
    EXPECT_EQ(indexer.resources().get("generic", resource(2), true)->creator, std::nullopt);
    const auto loose = indexer.metrics().get(std::vector{kMetric, kDeleted}, true);
    ASSERT_EQ(loose.size(), 1U) << "deleted ones are not active";
    EXPECT_EQ(loose[0].name, "loose");
  }

  static void write_ours(IndexerDriver& indexer) {
    indexer.archive_policies().create(
        {"ours", 1, {{300s, 12, 3600s}, {3600s, {}, {}}}, {"95pct", "mean"}});
    indexer.archive_policies().create_rule({"ours", "*.x", "ours"});
    const std::vector<NewAttribute> rack{
        {"rack", {AttributeType::string, true, 0, 10, {}, {}}, "r'1"}};
    indexer.resource_types().update("server", rack, {}, std::vector<std::string>{"flag"});
    ResourceChange change;
    change.attributes = {{"flavor", "huge"}, {"size", 0.1 + 0.2}};
    indexer.resources().update("server", resource(1), change);

    ResourceType type;
    type.name = "ours";
    type.attributes["host"] = {AttributeType::string, false, 0, 255, {}, {}};
    type.attributes["id2"] = {AttributeType::uuid, false, {}, {}, {}, {}};
    type.attributes["number"] = {AttributeType::number, false, {}, {}, -1, {}};
    indexer.resource_types().create(type);
    NewResource made;
    made.id = resource(3);
    made.alias = resource(4);
    made.type = "ours";
    made.creator = "u:p";
    made.original_resource_id = std::string(280, 'x');
    made.started_at = at(1577836800, 5);
    made.attributes = {{"host", "caf\xc3\xa9"}, {"id2", kImage}};
    for (const char* name : {"a", "b"}) {
      NewMetric metric;
      metric.id = MetricId(Uuid::random());
      metric.archive_policy_name = "ours";
      metric.creator = "u:p";
      if (*name == 'a') metric.unit = "s";
      made.metrics.push_back({name, std::nullopt, metric});
    }
    indexer.resources().create(made);
    indexer.metrics().expunge(std::vector{kDeleted});
  }
};

TEST_F(MysqlTakeover, EachSideReadsWhatTheOtherWrote) {
  ASSERT_TRUE(python("make"));
  EXPECT_EQ(texts("SELECT version_num FROM alembic_version"),
            std::vector<std::string>{"04eba72e4f90"});
  const auto indexer = opened();
  indexer->upgrade();
  indexer->upgrade();
  EXPECT_EQ(texts("SELECT version_num FROM alembic_version"),
            std::vector<std::string>{"f89ed2e3c2ec"});
  expect_pythons_rows(*indexer);
  write_ours(*indexer);
  // Attached by way of the row itself: Python's creator and that of the resource differ.
  const MysqlDialect dialect(own_);
  dialect.connect()->execute("UPDATE metric SET resource_id = " + dialect.uuid(resource(2)) +
                             " WHERE id = " + dialect.uuid(kMetric));
  const std::vector alias{resource(4)};
  EXPECT_EQ(indexer->resources().resolve(alias),
            (std::vector<ResolvedId>{{resource(4), resource(3)}}));
  EXPECT_TRUE(python("check"));
  EXPECT_TRUE(indexer->resources().resolve(alias).empty()) << "Python has deleted the resource";
}

TEST_F(MysqlTakeover, OurTablesAreThoseOfPython) {
  ASSERT_TRUE(python("make"));
  opened()->upgrade();
  const std::string columns =
      "SELECT CONCAT_WS('|', table_name, column_name, column_type, is_nullable, column_default,"
      " collation_name, extra) FROM information_schema.columns WHERE table_schema = DATABASE()"
      " AND table_name NOT LIKE 'rt~_%' ESCAPE '~' ORDER BY 1";
  const std::string keys =
      "SELECT CONCAT_WS('|', table_name, index_name, column_name, seq_in_index, non_unique)"
      " FROM information_schema.statistics WHERE table_schema = DATABASE()"
      " AND table_name NOT LIKE 'rt~_%' ESCAPE '~' ORDER BY 1";
  const std::string constraints =
      "SELECT CONCAT_WS('|', table_name, constraint_name, constraint_type)"
      " FROM information_schema.table_constraints WHERE table_schema = DATABASE()"
      " AND table_name NOT LIKE 'rt~_%' ESCAPE '~' ORDER BY 1";
  const std::vector<std::string> queries{columns, keys, constraints};
  std::vector<std::vector<std::string>> pythons;
  for (const std::string& query : queries) pythons.push_back(texts(query));
  MysqlDatabase::TearDown();
  MysqlDatabase::SetUp();
  opened()->upgrade();
  for (std::size_t i = 0; i < queries.size(); ++i) EXPECT_EQ(texts(queries[i]), pythons[i]);
}

TEST_F(MysqlTakeover, OtherRevisionsAreLeftAlone) {
  const auto indexer = opened();
  indexer->upgrade();
  execute(own_, "UPDATE alembic_version SET version_num = '397987e38570'");
  try {
    indexer->upgrade();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid_config);
    EXPECT_NE(std::string(error.what()).find("397987e38570"), std::string::npos);
  }
}

TEST_F(MysqlTakeover, AnInterruptedUpgradeIsTakenUp) {
  const auto indexer = opened();
  indexer->upgrade();
  // As if it had ended after the first of the three steps, and before its revision was noted.
  execute(own_, "UPDATE alembic_version SET version_num = '04eba72e4f90'");
  execute(own_, "ALTER TABLE metric DROP COLUMN last_measure_timestamp");
  indexer->upgrade();
  EXPECT_EQ(texts("SELECT version_num FROM alembic_version"),
            std::vector<std::string>{"f89ed2e3c2ec"});
  EXPECT_EQ(texts("SELECT COUNT(last_measure_timestamp) FROM metric").size(), 1U);
  // Or before any revision was there.
  execute(own_, "DELETE FROM alembic_version");
  indexer->upgrade();
  EXPECT_EQ(texts("SELECT version_num FROM alembic_version"),
            std::vector<std::string>{"f89ed2e3c2ec"});
}

}  // namespace
}  // namespace gnocchi::mysql
