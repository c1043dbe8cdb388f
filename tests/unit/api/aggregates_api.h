#pragma once

#include <string>
#include <vector>

#include "tests/unit/api/metric_api.h"

namespace gnocchi::api {

/// Resources of type "vm" with metrics, and measures that were processed:
///   a  host h1, flavor small, project p1   cpu 1, 2, 3   disk.read 10, 20, 30 (B/s)
///   b  host h1, flavor large, project p2   cpu 4, 5, 6   disk.write 1, 1, 1   (B/s)
///   c  host h2, flavor small, project p1   cpu 7, 8      (not at the third second)
/// at 2015-03-06T14:33:57, :58, :59; policy "fine": 1 s and 60 s, mean and max.
class AggregatesApi : public MetricApi {
 protected:
  AggregatesApi() {
    ArchivePolicy fine;
    fine.name = "fine";
    fine.definition = {{std::chrono::seconds{1}, std::nullopt, std::nullopt},
                       {std::chrono::minutes{1}, std::nullopt, std::nullopt}};
    fine.aggregation_methods = {"max", "mean"};
    indexer_.archive_policies().create(fine);
    make_type();
    make_vm("a", "h1", "small", "p1", {{"cpu", ""}, {"disk.read", "B/s"}});
    make_vm("b", "h1", "large", "p2", {{"cpu", ""}, {"disk.write", "B/s"}});
    make_vm("c", "h2", "small", "p1", {{"cpu", ""}});
    measure("a", "cpu", {1, 2, 3});
    measure("a", "disk.read", {10, 20, 30});
    measure("b", "cpu", {4, 5, 6});
    measure("b", "disk.write", {1, 1, 1});
    measure("c", "cpu", {7, 8});
  }

  void make_vm(const std::string& id, const std::string& host, const std::string& flavor,
               const std::string& project,
               const std::vector<std::pair<std::string, std::string>>& metrics) {
    std::string listed;
    for (const auto& [name, unit] : metrics) {
      listed += (listed.empty() ? "" : ", ") + ("\"" + name + "\"") +
                R"(: {"archive_policy_name": "fine")" +
                (unit.empty() ? "" : R"(, "unit": ")" + unit + "\"") + "}";
    }
    const Answer answer =
        ask("POST", "/v1/resource/vm",
            R"({"id": ")" + id + R"(", "host": ")" + host + R"(", "flavor": ")" + flavor +
                R"(", "project_id": ")" + project + R"(", "metrics": {)" + listed + "}}");
    ASSERT_EQ(answer.status, 201) << answer.body;
  }

  void measure(const std::string& id, const std::string& name, const std::vector<double>& values) {
    std::string body;
    for (std::size_t i = 0; i < values.size(); ++i) {
      body += (i == 0 ? "[" : ", ") +
              (R"({"timestamp": "2015-03-06T14:33:5)" + std::to_string(7 + i)) + R"(", "value": )" +
              std::to_string(values[i]) + "}";
    }
    const std::string path = "/v1/resource/vm/" + id + "/metric/" + name + "/measures";
    ASSERT_EQ(ask("POST", path, body + "]").status, 202);
    ASSERT_EQ(ask("GET", path + "?refresh=true").status, 200);
  }

  /// POST /v1/aggregates of what a search of all VMs finds.
  Answer aggregate(const std::string& operations, const std::string& query = {},
                   const std::string& search = "{}") {
    return ask("POST", "/v1/aggregates?granularity=1" + query,
               R"({"resource_type": "vm", "search": )" + search + R"(, "operations": ")" +
                   operations + "\"}");
  }

  std::string id_of(const std::string& vm) {
    return ask("GET", "/v1/resource/vm/" + vm).json()["id"].GetString();
  }

  /// The values of rows, in order; "T" and "F" for truths.
  static std::string values_of(const rapidjson::Value& rows) {
    std::string text;
    for (const auto& row : rows.GetArray()) {
      if (!text.empty()) text += ' ';
      const auto& value = row[2];
      text += value.IsBool() ? (value.GetBool() ? "T" : "F") : number_text(value.GetDouble());
    }
    return text;
  }
  static std::string number_text(double value) {
    std::string text;
    JsonWriter(text).number(value);
    return text;
  }

  /// Of a grouped answer: "key: values" of each group, in order.
  static std::vector<std::string> groups_of(const Answer& answer, const char* key) {
    std::vector<std::string> texts;
    EXPECT_EQ(answer.status, 200) << answer.body;
    if (answer.status != 200) return texts;
    const auto json = answer.json();
    for (const auto& group : json.GetArray()) {
      const auto& name = group["group"][key];
      texts.push_back((name.IsString() ? name.GetString() : "null") + std::string(": ") +
                      values_of(group["measures"]["measures"]["aggregated"]));
    }
    return texts;
  }
};

}  // namespace gnocchi::api
