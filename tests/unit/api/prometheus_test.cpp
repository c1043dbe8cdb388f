#include <gtest/gtest.h>
#include <snappy.h>

#include <bit>
#include <cmath>

#include "api/prometheus_body.h"
#include "api/remote_write.pb.h"
#include "tests/unit/api/metric_api.h"

namespace gnocchi::api {
namespace {

constexpr std::size_t kMost = 1 << 20;

struct Series {
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<std::pair<std::int64_t, double>> samples;
};

std::string packed(const std::vector<Series>& all) {
  remote_write::WriteRequest message;
  for (const Series& one : all) {
    auto* series = message.add_timeseries();
    for (const auto& [name, value] : one.labels) {
      auto* label = series->add_labels();
      label->set_name(name);
      label->set_value(value);
    }
    for (const auto& [time, value] : one.samples) {
      auto* sample = series->add_samples();
      sample->set_timestamp(time);
      sample->set_value(value);
    }
  }
  std::string body;
  snappy::Compress(message.SerializeAsString().data(), message.ByteSizeLong(), &body);
  return body;
}

std::string snapped(const std::string& plain) {
  std::string body;
  snappy::Compress(plain.data(), plain.size(), &body);
  return body;
}

int status_of(const std::string& body, std::size_t most = kMost) {
  try {
    parse_remote_write(body, "me", most);
  } catch (const HttpError& error) {
    return error.status();
  }
  return 200;
}

TEST(PrometheusBody, SeriesBecomeMetricsOfTheirJobAndInstance) {
  const auto write = parse_remote_write(
      packed({{{{"__name__", "up"}, {"instance", "i:1"}, {"job", "j"}},
               {{1506146578123, 1.5}, {2, 2}}},
              {{{"__name__", "up"}}, {{1, 1}}},
              {{{"__name__", "down"}, {"job", "a/b"}, {"instance", "i:1"}}, {{1, 1}}}}),
      "me", kMost);
  ASSERT_EQ(write.resources.size(), 3U);
  EXPECT_EQ(write.resources[0].original_id, "j@i:1");
  EXPECT_EQ(write.resources[0].metrics.at(0).name, "up");
  EXPECT_EQ(write.resources[0].metrics.at(0).measures,
            (std::vector<Measure>{{Timestamp(Timespan(1506146578123000000)), 1.5},
                                  {Timestamp(Timespan(2000000)), 2}}));
  EXPECT_EQ(write.resources[1].original_id, "none@none");
  EXPECT_EQ(write.resources[2].original_id, "a_b@i:1");
  EXPECT_EQ(write.attributes.at(2).at("job"), Value("a/b"));
}

TEST(PrometheusBody, TheLastOfSeriesOfOneNameIsTaken) {
  const auto write =
      parse_remote_write(packed({{{{"__name__", "http"}, {"code", "200"}}, {{1, 1}, {2, 2}}},
                                 {{{"__name__", "http"}, {"code", "500"}}, {{2, 7}}},
                                 {{{"__name__", "http"}, {"code", "501"}}, {}}}),
                         "me", kMost);
  ASSERT_EQ(write.resources.size(), 1U);
  ASSERT_EQ(write.resources[0].metrics.size(), 1U);
  EXPECT_EQ(write.resources[0].metrics[0].measures,
            (std::vector<Measure>{{Timestamp(Timespan(2000000)), 7}}));
}

TEST(PrometheusBody, StaleMarkersAreNoValues) {
  const double stale = std::bit_cast<double>(std::uint64_t{0x7ff0000000000002});
  const auto write =
      parse_remote_write(packed({{{{"__name__", "a"}}, {{1, stale}}},
                                 {{{"__name__", "b"}}, {{1, stale}, {2, 3}, {3, std::nan("")}}}}),
                         "me", kMost);
  ASSERT_EQ(write.resources.size(), 1U);
  ASSERT_EQ(write.resources[0].metrics.size(), 1U);
  EXPECT_EQ(write.resources[0].metrics[0].name, "b");
  EXPECT_EQ(write.resources[0].metrics[0].measures.size(), 2U);
}

TEST(PrometheusBody, WhatIsNoWriteRequestIsRefused) {
  EXPECT_EQ(status_of(""), 400);
  EXPECT_EQ(status_of("garbage"), 400);
  EXPECT_EQ(status_of(snapped("garbage")), 400);
  EXPECT_EQ(status_of(snapped("")), 200);
  EXPECT_EQ(status_of(packed({{{{"job", "x"}}, {{1, 1}}}})), 400);
  EXPECT_EQ(status_of(packed({{{{"__name__", "a"}}, {{-5, 1}}}})), 400);
  EXPECT_EQ(status_of(packed({{{{"__name__", "a"}}, {{INT64_MAX, 1}}}})), 400);
  EXPECT_EQ(status_of(packed({{{{"__name__", "\xff"}}, {{1, 1}}}})), 400);
  const std::string good = packed({{{{"__name__", "abcdefgh"}, {"job", "abcdefgh"}}, {{1, 1}}}});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_EQ(status_of(good.substr(0, size)), 400);
}

TEST(PrometheusBody, WhatUnpacksToTooMuchIsRefused) {
  const std::string bomb = snapped(std::string(2 << 20, 'x'));
  ASSERT_LT(bomb.size(), std::size_t{120000});
  EXPECT_EQ(status_of(bomb), 413);
  EXPECT_EQ(status_of(std::string("\xff\xff\xff\xff\x0f", 5)), 400);  // claims 4 GiB
}

class Prometheus : public MetricApi {
 protected:
  Prometheus() {
    add_prometheus_routes(router_, services_);
    indexer_.archive_policies().create_rule({"all", "*", "low"});
  }
  Answer write(const std::string& body, const Identity& who = user("admin"),
               const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    return ask("POST", "/v1/prometheus/write", body, who, headers);
  }
};

TEST_F(Prometheus, TheTypeAndTheResourceAreMade) {
  const std::string body =
      packed({{{{"__name__", "up"}, {"job", "j"}, {"instance", "i"}}, {{1, 1}}}});
  EXPECT_EQ(write(body, user("foobar")).status, 403);  // may make no type
  ASSERT_EQ(write(body).status, 202);
  EXPECT_EQ(pending(), 1U);
  const auto type = indexer_.resource_types().get("prometheus");
  ASSERT_TRUE(type);
  EXPECT_EQ(type->attributes.at("job"),
            (AttributeSpec{AttributeType::string, true, 1, 512, {}, {}}));
  const auto resource = ask("GET", "/v1/resource/prometheus/j@i", {}, user("admin")).json();
  EXPECT_STREQ(resource["job"].GetString(), "j");
  EXPECT_STREQ(resource["instance"].GetString(), "i");
  EXPECT_TRUE(resource["metrics"].HasMember("up"));
  EXPECT_EQ(write(body, user("foobar")).status, 202);
}

TEST_F(Prometheus, NothingIsStoredOfARefusedRequest) {
  const Series good{{{"__name__", "up"}, {"job", "j"}, {"instance", "i"}}, {{1, 1}}};
  for (const Series& bad :
       {Series{{{"__name__", "up"}, {"job", ""}}, {{1, 1}}},
        Series{{{"__name__", "a/b"}}, {{1, 1}}},
        Series{{{"__name__", std::string(300, 'n')}}, {{1, 1}}},
        Series{{{"__name__", "up"}, {"job", std::string(300, 'j')}}, {{1, 1}}}}) {
    EXPECT_EQ(write(packed({good, bad})).status, 400) << bad.labels[0].second;
  }
  EXPECT_EQ(write(packed({good}), user("admin"), {{"Content-Encoding", "gzip"}}).status, 415);
  EXPECT_EQ(write(packed({good}), user("admin"),
                  {{"Content-Type", "application/x-protobuf;proto=io.prometheus.write.v2.Request"}})
                .status,
            415);
  EXPECT_EQ(pending(), 0U);
  EXPECT_FALSE(indexer_.resource_types().get("prometheus"));
}

}  // namespace
}  // namespace gnocchi::api
