#include "api/measures_body.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>

#include "api/errors.h"

namespace gnocchi::api {
namespace {

constexpr Timestamp kNow{Timespan{1'388'577'600'000'000'000}};
constexpr char kId[] = "37aec8b7-c0d9-445b-8ab9-d3c6312dcf5c";
constexpr char kPoint[] = R"([{"timestamp":1,"value":2}])";

Timestamp seconds(std::int64_t s) { return Timestamp{std::chrono::seconds{s}}; }

/// The body's detail where it is refused, empty where it is not.
template <class Parse>
std::string refusal(Parse parse) {
  try {
    parse();
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 400);
    return error.detail().text;
  }
  return {};
}
std::string list_fault(const std::string& body) {
  return refusal([&] { parse_measures(body, kNow); });
}
std::string metrics_fault(const std::string& body) {
  return refusal([&] { parse_metrics_measures(body, kNow); });
}
std::string resources_fault(const std::string& body) {
  return refusal([&] { parse_resources_measures(body, "foobar", kNow); });
}
std::string invalid(const std::string& reason, const std::string& path = "") {
  return R"({"cause": "Invalid input", "reason": ")" + reason + R"(", "detail": [)" + path + "]}";
}

TEST(MeasureList, PointsOfAllFormsAreRead) {
  const auto measures = parse_measures(R"([
    {"timestamp": "2015-03-06T14:33:57", "value": 43.1},
    {"value": -1e-3, "timestamp": 1425652437.5, "unknown": {"a": [1, {"b": 2}]}},
    {"timestamp": "1425652438", "value": "12"}])",
                                       kNow);
  ASSERT_EQ(measures.size(), 3U);
  EXPECT_EQ(measures[0], (Measure{seconds(1'425'652'437), 43.1}));
  EXPECT_EQ(measures[1], (Measure{Timestamp{Timespan{1'425'652'437'500'000'000}}, -1e-3}));
  EXPECT_EQ(measures[2], (Measure{seconds(1'425'652'438), 12}));
}

/// Texts of measures, most of them plain, some broken; and the same with one member more in each
/// measure, so that none is plain.
class RandomLists {
 public:
  std::pair<std::string, std::string> next() {
    std::string plain = "[";
    std::string odd = "[";
    const int count = pick(4);
    for (int i = 0; i < count; ++i) {
      const std::string time = space() + R"("timestamp")" + space() + ":" + space() + this->time();
      const std::string value = space() + R"("value")" + space() + ":" + space() + number();
      const std::string rest = (pick(2) ? time + space() + "," + value : value + "," + time) +
                               space() + "}" + space() + (i + 1 < count || !pick(30) ? "," : "");
      plain += space() + "{" + rest;
      odd += space() + R"({"-": 0,)" + rest;
    }
    const std::string end = space() + (pick(30) ? "]" : "");
    return {plain + end, odd + end};
  }

 private:
  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  std::string space() { return pick(8) ? "" : std::string(1, " \n\t\r"[pick(4)]); }
  std::string digits(int most) {
    std::string text;
    for (int n = 1 + pick(most); n > 0; --n) text += static_cast<char>('0' + pick(10));
    return text;
  }
  std::string number() {
    std::string text = (pick(4) ? "" : "-") + std::to_string(pick(1000)) + digits(20);
    if (pick(2)) text += "." + digits(20);
    if (!pick(12)) text = "0." + digits(24);
    if (!pick(20)) text += "e" + digits(2);
    if (!pick(40))
      text = std::string(R"(0 -0 00 - . 1. .5 +1 NaN -Infinity "1" null true)")
                 .substr(static_cast<std::size_t>(pick(20)), 4);
    return text;
  }
  std::string time() {
    switch (pick(6)) {
      case 0: return R"("2015-03-06T14:33:5)" + digits(1) + '"';
      case 1: return R"("2015-03-06 14:33:57.)" + digits(9) + R"(+0)" + digits(1) + R"(:00")";
      case 2: return std::to_string(1'400'000'000 + pick(100'000'000)) + "." + digits(9);
      case 3: return pick(5) ? '"' + std::to_string(pick(2'000'000'000)) + '"' : number();
      case 4: return pick(9) ? R"("2015-13-06T14:33:57\u005a")" : R"("-1 minute")";
      default: return std::to_string(1'400'000'000 + pick(100'000'000));
    }
  }
  std::mt19937 random_{20261126};
};

TEST(MeasureList, PlainMeasuresAreReadAsAllOthersAre) {
  RandomLists lists;
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    const auto both = lists.next();
    const std::string& plain = both.first;
    const std::string& odd = both.second;
    std::vector<Measure> one;
    std::vector<Measure> other;
    const std::string fault = refusal([&] { one = parse_measures(plain, kNow); });
    const std::string other_fault = refusal([&] { other = parse_measures(odd, kNow); });
    // Where a text is no JSON the two texts differ in the place.
    ASSERT_EQ(fault.substr(0, fault.find(" (at")), other_fault.substr(0, other_fault.find(" (at")))
        << plain;
    ASSERT_EQ(one, other) << plain;
    accepted += fault.empty() ? 1 : 0;
  }
  EXPECT_GT(accepted, 20'000);
  EXPECT_LT(accepted, 49'000);
}

TEST(MeasureList, RelativeTimesCountFromNow) {
  const auto measures = parse_measures(
      R"([{"timestamp": "-5 minutes", "value": 1}, {"timestamp": "-1 minute", "value": 2}])", kNow);
  ASSERT_EQ(measures.size(), 2U);
  EXPECT_EQ(measures[0].timestamp, kNow - std::chrono::minutes{5});
}

TEST(MeasureList, ValuesAreWhatPythonsFloatTakes) {
  const auto value = [](const std::string& json) {
    return parse_measures(R"([{"timestamp":1,"value":)" + json + "}]", kNow).at(0).value;
  };
  EXPECT_EQ(value("17976931348623157e292"), 1.7976931348623157e308);
  EXPECT_EQ(value("0.30000000000000004"), 0.30000000000000004);
  EXPECT_EQ(value("123456789012345678901234567890"), 1.2345678901234568e29);
  EXPECT_EQ(value("-0"), 0.0);
  EXPECT_TRUE(std::signbit(value("-0")));
  EXPECT_EQ(value("5e-324"), 5e-324);
  EXPECT_EQ(value("\" 1.5 \""), 1.5);
  EXPECT_EQ(value("true"), 1.0);
  EXPECT_TRUE(std::isnan(value("NaN")));
  EXPECT_TRUE(std::isnan(value("\"nan\"")));
  EXPECT_EQ(value("Infinity"), HUGE_VAL);
  EXPECT_EQ(value("-Infinity"), -HUGE_VAL);
  EXPECT_EQ(value("1.7976931348623157e308"), 1.7976931348623157e308);
  EXPECT_EQ(value("1e-400"), 0.0);
}

TEST(MeasureList, OfEqualKeysTheLastCounts) {
  const auto measures =
      parse_measures(R"([{"timestamp":"foo","timestamp":2,"value":null,"value":3}])", kNow);
  EXPECT_EQ(measures, (std::vector<Measure>{{seconds(2), 3}}));
}

TEST(MeasureList, EmptyListsHaveNoMeasures) {
  EXPECT_TRUE(parse_measures("[]", kNow).empty());
  EXPECT_TRUE(parse_measures(" {} ", kNow).empty());
}

TEST(MeasureList, OtherShapesAreUnexpectedFormats) {
  for (const char* body :
       {"1", "\"x\"", "null", "true", R"({"a":1})", R"({"timestamp":1,"value":2})", "[1]", "[null]",
        "[[1,2]]", R"([["2015-03-06T14:33:57", 43.1]])", "[{}]", R"([{"value":1}])",
        R"([{"timestamp":null,"value":1}])", R"([{"timestamp":[1],"value":1}])",
        R"([{"timestamp":{},"value":1}])", R"([{"timestamp":1,"value":"x"}, [1]])"}) {
    EXPECT_EQ(list_fault(body), invalid("unexpected measures format")) << body;
  }
}

TEST(MeasureList, TimestampsAreJudgedBeforeValuesAndTheFirstBadOneIsNamed) {
  const std::string before = "unexpected timestamp 'Timestamp must be after Epoch: ";
  const std::string unreadable = "unexpected timestamp 'Unable to convert timestamps: ";
  EXPECT_EQ(list_fault(R"([{"timestamp":"1915-03-06T14:33:57","value":43.1}])"),
            invalid(before + "1915-03-06T14:33:57'"));
  EXPECT_EQ(list_fault(R"([{"timestamp":-1,"value":43.1}])"), invalid(before + "-1'"));
  EXPECT_EQ(list_fault(R"([{"timestamp":"1915-100-06","value":43.1}])"),
            invalid(unreadable + "1915-100-06'"));
  EXPECT_EQ(list_fault(R"([{"timestamp":NaN,"value":43.1}])"), invalid(unreadable + "NaN'"));
  EXPECT_EQ(list_fault(R"([{"timestamp":1,"value":"b"},{"timestamp":"a","value":1}])"),
            invalid(unreadable + "a'"));
  EXPECT_EQ(list_fault(R"([{"timestamp":-1,"value":1},{"timestamp":"a","value":1}])"),
            invalid(unreadable + "a'"));
  EXPECT_EQ(list_fault(R"([{"timestamp":"a","value":1},{"timestamp":"b","value":1}])"),
            invalid(unreadable + "a'"));
  EXPECT_EQ(list_fault(R"([{"timestamp":1e10,"value":1}])"),
            invalid("unexpected timestamp 'Timestamp must be before "
                    "2262-04-11T23:47:16.854775807: 1e10'"));
}

TEST(MeasureList, RelativeTimesDoNotMixWithOthers) {
  EXPECT_EQ(
      list_fault(R"([{"timestamp":1478012832,"value":1},{"timestamp":"-5 minutes","value":1}])"),
      invalid("unexpected timestamp 'Unable to convert timestamps: -5 minutes'"));
  EXPECT_EQ(
      parse_measures(R"([{"timestamp":1478012832,"value":1},{"timestamp":"2015-03-06","value":1}])",
                     kNow)
          .size(),
      2U);
}

TEST(MeasureList, OtherValuesAreUnexpected) {
  for (const char* value : {"null", "[1]", "{\"a\":1}", "\"foobar\"", "\"\"", "\"1,5\""}) {
    EXPECT_EQ(list_fault(std::string{R"([{"timestamp":1,"value":)"} + value + "}]"),
              invalid("unexpected measures value"))
        << value;
  }
  EXPECT_EQ(list_fault(R"([{"timestamp":1}])"), invalid("unexpected measures value"));
}

TEST(MeasureList, BrokenJsonIsSaidToBeSo) {
  for (const std::string body :
       {"", "[", "[{\"timestamp\":1,", "[] []", "[{\"timestamp\":\"x\",\"value\":1}", "{'a':1}",
        "[01]", "[{\"timestamp\":1,\"value\":1e400}]"}) {
    EXPECT_NE(list_fault(body).find("Unable to decode body"), std::string::npos) << body;
  }
  EXPECT_NE(list_fault(std::string("[]\0[]", 5)).find("Unable to decode body"), std::string::npos);
}

TEST(MeasureList, DeepTextsAreRefused) {
  EXPECT_NE(list_fault(std::string(1'000'000, '[')).find("deeper than 100"), std::string::npos);
  std::string objects = R"([{"timestamp":1,"value":1,"x":)";
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_NE(list_fault(objects).find("deeper than 100"), std::string::npos);
}

TEST(MetricsBody, MetricsComeInOrderAndEqualIdsReplace) {
  const std::string other = "46c9418d-d63b-4cdd-be89-8f57ffc5952e";
  const auto metrics = parse_metrics_measures(
      "{\"37AEC8B7C0D9445B8AB9D3C6312DCF5C\":[],\"" + other + "\":" + kPoint + ",\"" + kId +
          "\":[{\"timestamp\":5,\"value\":6},{\"timestamp\":7,\"value\":8}]}",
      kNow);
  ASSERT_EQ(metrics.size(), 2U);
  EXPECT_EQ(metrics[0].metric.to_string(), kId);
  EXPECT_EQ(metrics[0].measures, (std::vector<Measure>{{seconds(5), 6}, {seconds(7), 8}}));
  EXPECT_EQ(metrics[1].metric.to_string(), other);
  EXPECT_TRUE(parse_metrics_measures("{}", kNow).empty());
}

TEST(MetricsBody, FaultsNameTheirMetric) {
  const std::string at = std::string{" @ data['"} + kId + "']";
  const std::string path = std::string{"\""} + kId + "\"";
  EXPECT_EQ(metrics_fault("[]"), invalid("expected a dictionary"));
  EXPECT_EQ(metrics_fault("5"), invalid("expected a dictionary"));
  EXPECT_EQ(metrics_fault(std::string{"[{\""} + kId + "\":[]}]"), invalid("expected a dictionary"));
  EXPECT_EQ(metrics_fault(std::string{"{\"a\":"} + kPoint + "}"),
            invalid("extra keys not allowed @ data['a']", "\"a\""));
  EXPECT_EQ(metrics_fault(std::string{"{\""} + kId + "\":[1], \"b\": 1}"),
            invalid("unexpected measures format for dictionary value" + at, path));
  EXPECT_EQ(metrics_fault(std::string{"{\""} + kId + "\":[{\"timestamp\":1,\"value\":\"x\"}]}"),
            invalid("unexpected measures value for dictionary value" + at, path));
  EXPECT_NE(metrics_fault(std::string{"{\""} + kId + "\":[1],").find("Unable to decode"),
            std::string::npos);
}

TEST(ResourcesBody, BothFormsOfAMetricAreRead) {
  const auto resources = parse_resources_measures(
      R"({"foobar": {"cpu": [{"timestamp":1,"value":2}],
                     "mem": {"unit": "B", "measures": [{"timestamp":3,"value":4}],
                             "archive_policy_name": "low"},
                     "none": {}},
          "46c9418d-d63b-4cdd-be89-8f57ffc5952e": {}})",
      "foobar", kNow);
  ASSERT_EQ(resources.size(), 2U);
  EXPECT_EQ(resources[0].original_id, "foobar");
  EXPECT_EQ(resources[0].id.to_string(), "2fbfbb20-8d56-5e1e-afb9-b3007da11fdf");
  ASSERT_EQ(resources[0].metrics.size(), 3U);
  const NamedMeasures& cpu = resources[0].metrics[0];
  EXPECT_EQ(cpu.name, "cpu");
  EXPECT_FALSE(cpu.unit);
  EXPECT_EQ(cpu.measures, (std::vector<Measure>{{seconds(1), 2}}));
  const NamedMeasures& mem = resources[0].metrics[1];
  EXPECT_EQ(mem.unit, "B");
  EXPECT_EQ(mem.archive_policy_name, "low");
  EXPECT_EQ(mem.measures, (std::vector<Measure>{{seconds(3), 4}}));
  EXPECT_TRUE(resources[0].metrics[2].measures.empty());
  EXPECT_TRUE(resources[1].metrics.empty());
}

TEST(ResourcesBody, EqualKeysReplaceAndOtherSpellingsOfAnIdAdd) {
  const auto resources = parse_resources_measures(
      R"({"a": {"x": [{"timestamp":1,"value":1}], "x": [], "x": [{"timestamp":2,"value":2}]},
          "b": {"y": []},
          "a": {"z": []},
          "AB4F4B0E-8FF0-4D3A-8B0E-3D2A1A0A0A0A": {"m": [{"timestamp":1,"value":1}]},
          "ab4f4b0e8ff04d3a8b0e3d2a1a0a0a0a": {"n": [], "m": [{"timestamp":2,"value":2}]}})",
      "foobar", kNow);
  ASSERT_EQ(resources.size(), 3U);
  ASSERT_EQ(resources[0].metrics.size(), 1U);
  EXPECT_EQ(resources[0].metrics[0].name, "z");
  ASSERT_EQ(resources[2].metrics.size(), 2U);
  EXPECT_EQ(resources[2].metrics[0].measures, (std::vector<Measure>{{seconds(2), 2}}));
  EXPECT_EQ(resources[2].metrics[1].name, "n");
}

TEST(ResourcesBody, FaultsNameTheirPlace) {
  EXPECT_EQ(resources_fault("[]"), invalid("expected a dictionary"));
  EXPECT_EQ(resources_fault("null"), invalid("expected a dictionary"));
  for (const char* value : {"1", "[]", "[[{}]]", "null"}) {
    EXPECT_EQ(resources_fault(std::string{"{\"a\":"} + value + "}"),
              invalid("expected a dictionary for dictionary value @ data['a']", "\"a\""))
        << value;
  }
  EXPECT_EQ(resources_fault(R"({"a/b": {"m": 1}})"),
            invalid("extra keys not allowed @ data['a/b']", "\"a/b\""));
  for (const char* value : {"1", "[1]", "null", "\"x\"", R"([["2015-03-06", 1]])"}) {
    EXPECT_EQ(
        resources_fault(std::string{R"({"a":{"m":)"} + value + "}}"),
        invalid("unexpected measures format for dictionary value @ data['a']['m']", R"("a", "m")"))
        << value;
  }
  const auto in_metric = [](const std::string& members) {
    return resources_fault(R"({"a":{"m":{)" + members + "}}}");
  };
  EXPECT_EQ(in_metric(R"("measures":[1])"),
            invalid("unexpected measures format for dictionary value @ data['a']['m']['measures']",
                    R"("a", "m", "measures")"));
  EXPECT_EQ(in_metric(R"("measures":[],"x":{"y":[]})"),
            invalid("extra keys not allowed @ data['a']['m']['x']", R"("a", "m", "x")"));
  EXPECT_EQ(
      in_metric(R"("unit":[1],"measures":[])"),
      invalid("expected str for dictionary value @ data['a']['m']['unit']", R"("a", "m", "unit")"));
  EXPECT_EQ(
      in_metric(R"("unit":"x")"),
      invalid("required key not provided @ data['a']['m']['measures']", R"("a", "m", "measures")"));
}

TEST(ResourcesBody, TextsThatAreKeptMustBeUtf8) {
  for (const char* body : {"{\"\xff\":{}}", "{\"a\":{\"\xc3\":[]}}",
                           "{\"a\":{\"m\":{\"unit\":\"\xe2\x82\",\"measures\":[]}}}"}) {
    EXPECT_NE(resources_fault(body).find("Invalid encoding"), std::string::npos) << body;
  }
  EXPECT_EQ(parse_resources_measures("{\"a\":{\"\xe2\x9c\x94\xc3\xa9\":[]}}", "foobar", kNow)
                .at(0)
                .metrics.at(0)
                .name,
            "\xe2\x9c\x94\xc3\xa9");
}

}  // namespace
}  // namespace gnocchi::api
