#include "indexer-sql/json_columns.h"

#include <gtest/gtest.h>

#include "gnocchi/error.h"

namespace gnocchi::sql {
namespace {

using namespace std::chrono_literals;

TEST(JsonColumns, DefinitionsAreWrittenAsPythonWritesThem) {
  EXPECT_EQ(definition_json({{1s, 3600, 3600s}, {100ms, 10, 1s}, {60s, {}, {}}}),
            R"([{"timespan": 3600.0, "granularity": 1.0, "points": 3600}, )"
            R"({"timespan": 1.0, "granularity": 0.1, "points": 10}, )"
            R"({"timespan": null, "granularity": 60.0, "points": null}])");
}

TEST(JsonColumns, DefinitionsAreReadBack) {
  const std::vector<ArchivePolicyItem> definition{
      {1s, 3600, 3600s}, {100ms, 10, 1s}, {60s, {}, {}}};
  EXPECT_EQ(parse_definition(definition_json(definition)), definition);
  EXPECT_EQ(parse_definition(R"([{"granularity": 300, "points": 12}])"),
            (std::vector<ArchivePolicyItem>{{300s, 12, 3600s}}));
}

TEST(JsonColumns, AttributesAreWrittenAsPythonWritesThem) {
  const std::map<std::string, AttributeSpec> attributes{
      {"flag", {AttributeType::boolean, true, {}, {}, {}, {}}},
      {"n", {AttributeType::number, false, {}, {}, 1.5, 7}},
      {"s", {AttributeType::string, false, 1, 10, {}, {}}},
      {"when", {AttributeType::datetime, false, {}, {}, {}, {}}}};
  const std::string json =
      R"({"flag": {"type": "bool", "required": true}, )"
      R"("n": {"type": "number", "required": false, "min": 1.5, "max": 7}, )"
      R"("s": {"type": "string", "required": false, "max_length": 10, "min_length": 1}, )"
      R"("when": {"type": "datetime", "required": false}})";
  EXPECT_EQ(attributes_json(attributes), json);
  EXPECT_EQ(parse_attributes(json), attributes);
  EXPECT_EQ(attributes_json({{"caf\xc3\xa9\"", {AttributeType::uuid, true, {}, {}, {}, {}}}}),
            "{\"caf\\u00E9\\\"\": {\"type\": \"uuid\", \"required\": true}}");
}

TEST(JsonColumns, MethodsAreResolvedAgainstTheDefaults) {
  using Methods = std::vector<std::string>;
  EXPECT_EQ(parse_methods(R"(["sum", "mean"])"), (Methods{"mean", "sum"}));
  EXPECT_EQ(parse_methods(R"(["-std", "+95pct"])"),
            (Methods{"95pct", "count", "max", "mean", "min", "sum"}));
  EXPECT_EQ(parse_methods("[]"), Methods{});
  const Methods all = parse_methods(R"(["*", "-mean"])");
  EXPECT_EQ(all.size(), 2U * (9 + 99) - 1);
  EXPECT_EQ(std::count(all.begin(), all.end(), "mean"), 0);
  EXPECT_EQ(std::count(all.begin(), all.end(), "rate:99pct"), 1);
}

TEST(JsonColumns, DamagedColumnsAreCorruptData) {
  const auto corrupt = [](auto parse, const char* json) {
    try {
      parse(json);
    } catch (const Error& error) {
      return error.code() == Error::Code::corrupt_data;
    }
    return false;
  };
  for (const char* json :
       {"", "{", "3", "[3]", "[{}]", R"([{"granularity": "x"}])", R"([{"granularity": 0}])",
        R"([{"granularity": 1e300}])", R"([{"granularity": 1, "points": -1}])"}) {
    EXPECT_TRUE(corrupt(parse_definition, json)) << json;
  }
  for (const char* json : {"", "{", "3", "[3]", R"([""])"}) {
    EXPECT_TRUE(corrupt(parse_methods, json)) << json;
  }
  for (const char* json :
       {"", "[", "3", "[3]", R"({"a": 3})", R"({"a": {}})", R"({"a": {"type": "x"}})"}) {
    EXPECT_TRUE(corrupt(parse_attributes, json)) << json;
  }
}

}  // namespace
}  // namespace gnocchi::sql
