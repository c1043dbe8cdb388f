#include "tests/unit/api/metric_api.h"

namespace gnocchi::api {
namespace {

class MeasuresRemoval : public MetricApi {
 protected:
  const std::string path_ = "/v1/metric/" + new_metric() + "/measures";

  void post(const std::string& time, const std::string& value) {
    ASSERT_EQ(
        ask("POST", path_, R"([{"timestamp": ")" + time + R"(", "value": )" + value + "}]").status,
        202);
  }
  std::string stored() { return ask("GET", path_ + "?refresh=true").body; }
};

TEST_F(MeasuresRemoval, ARangeIsTakenOut) {
  post("2015-03-06T14:30:00", "1");
  post("2015-03-06T14:31:00", "2");
  post("2015-03-06T14:32:00", "3");
  const Answer answer =
      ask("DELETE", path_ + "?start=2015-03-06T14:31:00&stop=2015-03-06T14:32:00");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(stored(),
            R"([["2015-03-06T14:30:00+00:00",60.0,1.0],["2015-03-06T14:32:00+00:00",60.0,3.0]])");
  post("2015-03-06T14:32:30", "5");
  EXPECT_EQ(ask("DELETE", path_ + "?stop=2015-03-06T14:32:15").status, 204);
  EXPECT_EQ(stored(), R"([["2015-03-06T14:32:00+00:00",60.0,5.0]])");
  EXPECT_EQ(ask("DELETE", path_ + "?start=2015").status, 204);
  EXPECT_EQ(stored(), "[]");
}

TEST_F(MeasuresRemoval, AMetricFrozenByTheFutureTakesThePresentAgain) {
  post("2015-03-06T14:30:00", "1");
  post("2115-03-06T14:30:00", "2");
  ASSERT_NE(stored().find("2115-03-06"), std::string::npos);
  post("2015-03-06T14:31:00", "3");
  EXPECT_EQ(stored().find("14:31"), std::string::npos);
  EXPECT_EQ(ask("DELETE", path_ + "?start=+1 day").status, 204);
  post("2015-03-06T14:31:00", "3");
  EXPECT_EQ(stored(), R"([["2015-03-06T14:31:00+00:00",60.0,3.0]])");
}

TEST_F(MeasuresRemoval, WithoutARangeNothingIsRemoved) {
  post("2015-03-06T14:30:00", "1");
  const auto fault = [&](const std::string& query) {
    const Answer answer = ask("DELETE", path_ + query);
    EXPECT_EQ(answer.status, 400) << query;
    return answer.body;
  };
  EXPECT_NE(fault("").find("start or stop must be given"), std::string::npos);
  EXPECT_NE(fault("?start=2016&stop=2015").find("stop must be after start"), std::string::npos);
  EXPECT_NE(fault("?start=2016&stop=2016").find("stop must be after start"), std::string::npos);
  EXPECT_EQ(fault("?start=foo"), R"({"cause": "Argument value error", "detail": "start", )"
                                 R"("reason": "Must be a datetime or a timestamp"})");
  EXPECT_NE(stored(), "[]");
}

TEST_F(MeasuresRemoval, ItTakesTheRightsOfTheMetricsOwner) {
  Identity alice = member("alice", "blue");
  const std::string path = "/v1/metric/" + new_metric(alice) + "/measures?start=2015";
  EXPECT_EQ(ask("DELETE", path, {}, member("bob", "red")).status, 403);
  Identity service = member("ceilometer", "service");
  service.roles.emplace_back("service");
  EXPECT_EQ(ask("DELETE", path, {}, service).status, 403);
  EXPECT_EQ(ask("DELETE", path, {}, alice).status, 204);
  EXPECT_EQ(ask("DELETE", path, {}, user("admin")).status, 204);
  EXPECT_EQ(
      ask("DELETE", "/v1/metric/" + Uuid::random().to_string() + "/measures?start=2015").status,
      404);
}

TEST_F(MeasuresRemoval, NamedMetricsHaveItToo) {
  make("res", R"(, "metrics": {"cpu": {"archive_policy_name": "low"}})");
  const std::string path = "/v1/resource/generic/res/metric/cpu/measures";
  ASSERT_EQ(ask("POST", path, R"([{"timestamp": "2015-03-06T14:30:00", "value": 1}])").status, 202);
  EXPECT_EQ(ask("DELETE", path + "?start=2015").status, 204);
  EXPECT_EQ(ask("GET", path + "?refresh=true").body, "[]");
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic/res/metric/no/measures?start=2015").status, 404);
}

TEST_F(MeasuresRemoval, ALockedMetricIsToBeAskedForAgain) {
  const auto id = MetricId(*Uuid::parse(path_.substr(11, 36)));
  const auto lock = coordinator_.lock(processor_.lock_name(sack_of(id, incoming_.sack_count())),
                                      std::chrono::milliseconds(0));
  const Answer answer = ask("DELETE", path_ + "?start=2015");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
}

class FutureLimit : public MetricApi {
 protected:
  FutureLimit() { config_.max_future = std::chrono::minutes(10); }

  void refused(const std::string& path, const std::string& body) {
    const Answer answer = ask("POST", path, body);
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_EQ(answer.body,
              "Timestamp 2115-03-06T14:30:00+00:00 is too far in the future: the limit is 600.0 "
              "seconds from now");
  }
  static constexpr char kMeasures[] = R"([{"timestamp": "2015-03-06T14:30:00", "value": 1},
                                          {"timestamp": "2115-03-06T14:30:00", "value": 2}])";
};

TEST_F(FutureLimit, LaterTimestampsAreRefusedAndNothingIsStored) {
  const std::string id = new_metric();
  make("res");
  refused("/v1/metric/" + id + "/measures", kMeasures);
  refused("/v1/batch/metrics/measures", "{\"" + id + "\": " + kMeasures + "}");
  refused("/v1/batch/resources/metrics/measures?create_metrics=true",
          std::string(R"({"res": {"disk.a": )") + kMeasures + "}}");
  EXPECT_EQ(pending(), 0U);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/res/metric/disk.a").status, 404);
}

TEST_F(FutureLimit, ThePresentAndALittleMoreIsTaken) {
  const std::string path = "/v1/metric/" + new_metric() + "/measures";
  EXPECT_EQ(ask("POST", path, R"([{"timestamp": "+9 minutes", "value": 1}])").status, 202);
  EXPECT_EQ(ask("POST", path, R"([{"timestamp": "+11 minutes", "value": 1}])").status, 400);
  config_.max_future = {};
  EXPECT_EQ(ask("POST", path, kMeasures).status, 202);
}

}  // namespace
}  // namespace gnocchi::api
