#include "tests/unit/api/metric_api.h"

namespace gnocchi::api {
namespace {

class Influxdb : public MetricApi {
 protected:
  Influxdb() {
    add_influxdb_routes(router_, services_);
    indexer_.archive_policies().create_rule({"all", "*", "low"});
    ResourceType type;
    type.name = "telegraf";
    indexer_.resource_types().create(type);
  }

  Answer write(const std::string& body, const std::string& parameters = "?db=telegraf",
               const Identity& who = user("foobar"),
               const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    return ask("POST", "/v1/influxdb/write" + parameters, body, who, headers);
  }

  std::size_t resources() {
    ResourceQuery query;
    return indexer_.resources().list(query).size();
  }
};

TEST_F(Influxdb, PingSaysWhoItIs) {
  for (const char* method : {"GET", "HEAD"}) {
    const Answer answer = ask(method, "/v1/influxdb/ping");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("X-Influxdb-Version"), "Gnocchi 4.7.0");
  }
}

TEST_F(Influxdb, ADatabaseIsAResourceType) {
  const std::string url = "/v1/influxdb/query?q=CREATE+DATABASE+";
  EXPECT_EQ(ask("POST", url + "db1", {}, user("admin")).status, 204);
  EXPECT_EQ(ask("POST", url + "db1", {}, user("admin")).status, 204);
  EXPECT_TRUE(indexer_.resource_types().get("db1"));
  EXPECT_EQ(ask("POST", "/v1/influxdb/query", "q=create%20database%20%22db2%22", user("admin"),
                {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}})
                .status,
            204);
  EXPECT_TRUE(indexer_.resource_types().get("db2"));
  EXPECT_EQ(ask("POST", url + "db3").status, 403);
  EXPECT_FALSE(indexer_.resource_types().get("db3"));
  EXPECT_EQ(ask("POST", url + "%22a/b%22", {}, user("admin")).status, 400);
  const Answer other = ask("POST", "/v1/influxdb/query?q=select+1", {}, user("admin"));
  EXPECT_EQ(other.status, 501);
  EXPECT_EQ(
      other.body,
      R"({"cause": "Not implemented error", "detail": "q", "reason": "Query not implemented"})");
  EXPECT_EQ(ask("POST", "/v1/influxdb/query").status, 204);
}

TEST_F(Influxdb, LinesMakeResourcesAndMetrics) {
  ASSERT_EQ(write("cpu,host=a,cpu=0 idle=1,busy=2i 1\nmem,host=b free=3 1\n").status, 204);
  EXPECT_EQ(pending(), 3U);
  const auto a = ask("GET", "/v1/resource/telegraf/a").json();
  EXPECT_STREQ(a["original_resource_id"].GetString(), "a");
  EXPECT_STREQ(a["creator"].GetString(), "foobar");
  EXPECT_TRUE(a["metrics"].HasMember("cpu.idle@cpu=0"));
  EXPECT_TRUE(a["metrics"].HasMember("cpu.busy@cpu=0"));
  ASSERT_EQ(write("cpu,host=a,cpu=0 idle=1,new=2i 2").status, 204);
  EXPECT_EQ(ask("GET", "/v1/resource/telegraf/a/metric").json().Size(), 3U);
  EXPECT_EQ(resources(), 2U);
  ASSERT_EQ(write("cpu,host=a,dc=x idle=1", "?db=telegraf", user("foobar"),
                  {{"X-Gnocchi-InfluxDB-Tag-Resource-ID", "dc"}})
                .status,
            204);
  EXPECT_EQ(ask("GET", "/v1/resource/telegraf/x/metric/cpu.idle@host=a").status, 200);
}

TEST_F(Influxdb, NothingIsStoredOfARefusedRequest) {
  EXPECT_EQ(write("m,host=a f=1\nm,host=b f=x").status, 400);
  EXPECT_EQ(write("m,host=a f=1\nm f=1").status, 400);
  EXPECT_EQ(write("m,host=a f=1\nm,host=b,t=" + std::string(300, 'x') + " f=1").status, 400);
  EXPECT_EQ(write("m,host=a f=1", "?db=nosuch").status, 400);  // 404 of the dispatcher
  EXPECT_EQ(write("m,host=a f=1", "?db=telegraf&precision=days").status, 400);
  config_.max_future = std::chrono::hours(1);
  EXPECT_EQ(write("m,host=a f=1 9000000000000000000").status, 400);
  make("taken");
  const Answer conflict = write("m,host=a f=1\nm,host=taken f=1");
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.body, R"({"cause": "Resource already exists", "detail": ")" +
                               index::resource_id("taken", "foobar").to_string() + "\"}");
  // The same where the metric is there already.
  ask("POST", "/v1/resource/generic/taken/metric", R"({"m.f": {}})");
  EXPECT_EQ(write("m,host=taken f=1").status, 409);
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ(resources(), 1U);
}

TEST_F(Influxdb, WritersNeedRights) {
  const Identity alice = member("alice", "blue");
  const std::string id = Uuid::random().to_string();
  ASSERT_EQ(write("m,host=" + id + " f=1", "?db=telegraf", alice).status, 204);
  EXPECT_EQ(write("m,host=" + id + " f=1", "?db=telegraf", member("bob", "red")).status, 403);
  EXPECT_EQ(write("m,host=" + id + " g=1", "?db=telegraf", member("bob", "red")).status, 403);
  EXPECT_EQ(pending(), 1U);
}

TEST_F(Influxdb, TwoSpellingsOfAnIdAreOneResource) {
  const std::string id = "4b1b2b3c-0000-4000-8000-00000000abcd";
  const std::string upper = "4B1B2B3C-0000-4000-8000-00000000ABCD";
  ASSERT_EQ(write("m,host=" + id + " f=1 1\nm,host=" + upper + " f=2,g=1 2").status, 204);
  EXPECT_EQ(pending(), 2U);
  EXPECT_EQ(resources(), 1U);
}

TEST_F(Influxdb, WithoutNumbersNothingIsMade) {
  EXPECT_EQ(write("").status, 204);
  EXPECT_EQ(write("m,host=a f=\"text\"").status, 204);
  EXPECT_EQ(resources(), 0U);
}

}  // namespace
}  // namespace gnocchi::api
