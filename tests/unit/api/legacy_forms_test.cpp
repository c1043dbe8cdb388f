// Forms of Gnocchi 3.0 that later releases dropped, and what its clients take for granted.
#include <fstream>

#include "tests/unit/api/metric_api.h"

namespace gnocchi::api {
namespace {

using Names = std::vector<std::string>;

class LegacyForms : public MetricApi {
 protected:
  LegacyForms() { add_root_routes(router_, services_); }

  /// A metric with means of minutes, 39 and 25.5, from 2014-01-01 12:00 on.
  std::string metric_with_measures() {
    const std::string id = new_metric();
    EXPECT_EQ(ask("POST", "/v1/metric/" + id + "/measures",
                  R"([{"timestamp": "2014-01-01T12:00:00", "value": 69},
                      {"timestamp": "2014-01-01T12:00:20", "value": 42},
                      {"timestamp": "2014-01-01T12:00:40", "value": 6},
                      {"timestamp": "2014-01-01T12:01:00", "value": 44},
                      {"timestamp": "2014-01-01T12:01:20", "value": 7}])")
                  .status,
              202);
    const std::vector metrics{MetricId(*Uuid::parse(id))};
    EXPECT_TRUE(processor_.refresh(metrics, std::chrono::seconds(5)));
    return id;
  }

  Answer moving(const std::string& metric, const std::string& query) {
    return ask("GET", "/v1/metric/" + metric + "/measures?aggregation=moving-average" + query);
  }
};

TEST_F(LegacyForms, CapabilitiesTellOfTheMovingAverage) {
  const auto json = ask("GET", "/v1/capabilities/").json();
  ASSERT_TRUE(json["dynamic_aggregation_methods"].IsArray());
  EXPECT_STREQ(json["dynamic_aggregation_methods"][0].GetString(), "moving-average");
}

TEST_F(LegacyForms, MovingAverageIsThatOf30) {
  const std::string metric = metric_with_measures();
  EXPECT_EQ(moving(metric, "&window=120s").body, R"([["2014-01-01T12:00:00+00:00",120.0,32.25]])");
  EXPECT_EQ(moving(metric, "&window=2%20minutes&center=True").body,
            R"([["2014-01-01T12:01:00+00:00",120.0,28.875]])");
  EXPECT_EQ(moving(metric, "&window=60s&center=False&granularity=7").body,
            R"([["2014-01-01T12:00:00+00:00",60.0,39.0],)"
            R"(["2014-01-01T12:01:00+00:00",60.0,25.5]])");
  EXPECT_EQ(moving(metric, "&window=60s&start=2014-01-01T12:01:00").body,
            R"([["2014-01-01T12:01:00+00:00",60.0,25.5]])");
}

TEST_F(LegacyForms, FaultyMovingAveragesAreRefused) {
  const std::string metric = metric_with_measures();
  const auto refusal = [&](const std::string& query) {
    const Answer answer = moving(metric, query);
    EXPECT_EQ(answer.status, 400) << query;
    return answer.body;
  };
  EXPECT_EQ(refusal(""), "Moving aggregate must have window specified.");
  EXPECT_EQ(refusal("&window=foobar"), "Invalid value for window");
  EXPECT_EQ(refusal("&window=-60s"), "Invalid value for window");
  const std::string none =
      "No data available that is either full-res or of a granularity that factors into the window "
      "size you specified.";
  EXPECT_EQ(refusal("&window=90s"), none);
  EXPECT_EQ(refusal("&window=60s&start=2015-01-01"), none);
  ArchivePolicy policy;
  policy.name = "no-means";
  policy.definition.push_back({std::chrono::minutes{1}, 60, std::chrono::hours{1}});
  policy.aggregation_methods = {"max"};
  indexer_.archive_policies().create(policy);
  const auto made = ask("POST", "/v1/metric", R"({"archive_policy_name": "no-means"})").json();
  EXPECT_EQ(moving(made["id"].GetString(), "&window=60s").status, 404);
}

TEST_F(LegacyForms, DetailsAndHistoryMayStandInAccept) {
  make_type();
  ASSERT_EQ(ask("POST", "/v1/resource/vm", R"({"id": "a", "host": "h1"})").status, 201);
  ASSERT_EQ(ask("PATCH", "/v1/resource/vm/a", R"({"host": "h2"})").status, 200);
  const auto list = [&](const std::string& accept, const std::string& query = {}) {
    return ask("GET", "/v1/resource/generic" + query, {}, user("foobar"), {{"Accept", accept}});
  };
  const auto plain = list("application/json").json();
  EXPECT_EQ(plain.Size(), 1U);
  EXPECT_FALSE(plain[0].HasMember("host"));
  for (const char* accept : {"application/json; details=true", "application/json;details=True",
                             "application/json; q=0.9; details=\"1\", */*"}) {
    const auto detailed = list(accept).json();
    EXPECT_EQ(detailed.Size(), 1U);
    EXPECT_STREQ(detailed[0]["host"].GetString(), "h2") << accept;
  }
  const auto both = list("application/json; details=true; history=true").json();
  ASSERT_EQ(both.Size(), 2U);
  EXPECT_STREQ(both[0]["host"].GetString(), "h1");
  EXPECT_EQ(list("application/json; history=false", "?history=true").json().Size(), 1U)
      << "Accept comes first";
  EXPECT_EQ(list("text/plain, application/json; history=true").json().Size(), 1U);
  const Answer refused = list("application/json; details=maybe");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, "Unable to parse details value in Accept: 'maybe' is no truth value");
}

TEST_F(LegacyForms, TruthsAreSpeltInManyWays) {
  make("a");
  ask("PATCH", "/v1/resource/generic/a", R"({"user_id": "u"})");
  for (const char* yes : {"True", "true", "1", "yes", "T", "on"}) {
    EXPECT_EQ(ask("GET", std::string("/v1/resource/generic?history=") + yes).json().Size(), 2U);
  }
  for (const char* no : {"False", "false", "0", "no", "F", "off"}) {
    EXPECT_EQ(ask("GET", std::string("/v1/resource/generic?history=") + no).json().Size(), 1U);
  }
  EXPECT_EQ(ask("GET", "/v1/resource/generic?history=maybe").status, 400);
}

TEST_F(LegacyForms, SlashesMayBeDoubledAndUnknownParametersAreIgnored) {
  make("a", R"(, "metrics": {"cpu": {"archive_policy_name": "low"}})");
  for (const char* url :
       {"/v1//resource//generic//a", "/v1/resource/generic/a/", "/v1/resource/generic/a//metric/",
        "/v1/resource/generic/a/metric/cpu/", "/v1/resource/generic/a/metric/cpu/measures/",
        "/v1/metric/", "/v1/resource/generic/?foo=bar&end=now",
        "/v1/metric?end=5&foo=", "/v1/resource_type/", "/v1/capabilities/?x=y"}) {
    EXPECT_EQ(ask("GET", url).status, 200) << url;
  }
}

TEST_F(LegacyForms, MetricsAreListedByThePartsOfTheirCreator) {
  const auto made = [&](const std::string& who, const std::string& project) {
    return new_metric(member(who, project));
  };
  const std::string a = made("alice", "blue"), b = made("bob", "blue"), c = made("alice", "red");
  const auto found = [&](const std::string& query) {
    std::vector<std::string> ids;
    const auto json = ask("GET", "/v1/metric?" + query, {}, user("admin")).json();
    for (const auto& metric : json.GetArray()) ids.emplace_back(metric["id"].GetString());
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  const auto sorted = [](std::vector<std::string> ids) {
    std::sort(ids.begin(), ids.end());
    return ids;
  };
  EXPECT_EQ(found("user_id=alice"), sorted({a, c}));
  EXPECT_EQ(found("project_id=blue"), sorted({a, b}));
  EXPECT_EQ(found("user_id=alice&project_id=blue"), sorted({a}));
  EXPECT_EQ(found("creator=bob:blue"), sorted({b}));
  EXPECT_EQ(found("user_id=eve"), Names{});
}

TEST_F(LegacyForms, PolicyFilesOf30RefuseToListSomebodyElsesMetrics) {
  const support::TemporaryDirectory folder;
  const auto file = folder.path / "policy.json";
  std::ofstream(file) << R"({"list metric": "", "list all metric": "role:admin"})";
  policy::Sources sources;
  sources.files = {file};
  const policy::FileEnforcer enforcer{sources, log_};
  Services services{config_,      enforcer,     watched_indexer_,  storage_, incoming_,
                    coordinator_, processor_,   archive_policies_, metrics_, reader_,
                    log_,         services_.now};
  router_ = Router();
  add_metric_routes(router_, services);
  const Identity alice = member("alice", "blue");
  for (const char* query : {"", "?user_id=alice", "?project_id=blue", "?user_id="}) {
    EXPECT_EQ(ask("GET", std::string("/v1/metric") + query, {}, alice).status, 200) << query;
  }
  for (const char* query : {"?user_id=bob", "?project_id=red", "?user_id=alice&project_id=red"}) {
    const Answer refused = ask("GET", std::string("/v1/metric") + query, {}, alice);
    EXPECT_EQ(refused.status, 403) << query;
    EXPECT_EQ(refused.body, "Insufficient privileges to filter by user/project");
  }
  EXPECT_EQ(ask("GET", "/v1/metric?user_id=bob", {}, user("admin")).status, 200);
}

TEST_F(LegacyForms, SearchesKnowTheLegacyFieldsLifespansAndRelativeDates) {
  make("old", R"(, "started_at": "2014-01-01", "ended_at": "2014-01-02")", member("alice", "blue"));
  make("new", "", member("bob", "blue"));
  const auto found = [&](const std::string& body) {
    return names_of(
        ask("POST", "/v1/search/resource/generic?sort=original_resource_id", body, user("admin")));
  };
  EXPECT_EQ(found(R"({"=": {"created_by_user_id": "alice"}})"), Names{"old"});
  EXPECT_EQ(found(R"({"=": {"created_by_project_id": "blue"}})"), (Names{"new", "old"}));
  EXPECT_EQ(found(R"({"=": {"lifespan": "1 day"}})"), Names{"old"});
  EXPECT_EQ(found(R"({"<": {"lifespan": "1 hour"}})"), Names{"new"});
  EXPECT_EQ(found(R"({">": {"started_at": "-1 hour"}})"), Names{"new"});
}

}  // namespace
}  // namespace gnocchi::api
