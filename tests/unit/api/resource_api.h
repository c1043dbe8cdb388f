#pragma once

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <memory>
#include <string>

#include "api/errors.h"
#include "api/json.h"
#include "api/router.h"
#include "api/services.h"
#include "core/index/archive_policy_cache.h"
#include "core/index/metric_cache.h"
#include "core/index/watched_indexer.h"
#include "core/pipeline/processor.h"
#include "core/policy/enforcer.h"
#include "core/policy/file_enforcer.h"
#include "core/query/measures.h"
#include "tests/support/memory_coordinator.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_log.h"
#include "tests/support/memory_storage.h"
#include "tests/support/sqlite_index.h"

namespace gnocchi::api {

/// The limits of [api], the largest body and resource_id_scheme; of the rest nothing that matters
/// is asked for.
class LimitConfig : public config::Config {
 public:
  std::chrono::nanoseconds max_future{};
  std::int64_t max_metrics = 1000;
  std::int64_t max_points = 100'000;

  std::int64_t integer(std::string_view group, std::string_view name) const override {
    if (name == "max_request_body_size") return 1 << 20;
    EXPECT_EQ(group, "api");
    if (name == "max_aggregated_metrics") return max_metrics;
    if (name == "max_aggregated_points") return max_points;
    EXPECT_EQ(name, "max_limit");
    return 1000;
  }
  std::string text(std::string_view, std::string_view) const override { return id_scheme; }
  double real(std::string_view, std::string_view) const override { return 0; }
  bool boolean(std::string_view, std::string_view) const override { return false; }
  std::chrono::nanoseconds duration(std::string_view, std::string_view name) const override {
    return name == "max_future" ? max_future : std::chrono::nanoseconds{};
  }
  std::vector<std::string> list(std::string_view, std::string_view) const override { return {}; }
  bool has(std::string_view, std::string_view) const override { return true; }
  bool is_set(std::string_view, std::string_view) const override { return false; }

  std::string id_scheme = "3.1";
};

struct Answer {
  int status = 0;
  std::string body;  ///< of an error its detail
  Headers headers;

  rapidjson::Document json() const {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseNanAndInfFlag>(body.c_str());
    EXPECT_FALSE(document.HasParseError()) << body;
    return document;
  }
  std::string header(std::string_view name) const {
    return std::string(headers.get(name).value_or(""));
  }
};

/// The routes of resource types, resources and searches over a real index in a file of its own,
/// asked by "foobar", a user without projects, or by "admin".
class ResourceApi : public testing::Test {
 protected:
  ResourceApi() {
    ArchivePolicy low;
    low.name = "low";
    low.definition.push_back({std::chrono::minutes{1}, 60, std::chrono::hours{1}});
    low.aggregation_methods = {"mean"};
    indexer_.archive_policies().create(low);
    indexer_.archive_policies().create_rule({"disks", "disk.*", "low"});
    add_resource_type_routes(router_, services_);
    add_resource_routes(router_, services_);
    add_search_routes(router_, services_);
  }

  static Identity user(const std::string& name) {
    Identity who;
    who.creator = name;
    if (name == "admin") who.roles = {"admin"};
    return who;
  }
  static Identity member(const std::string& name, const std::string& project) {
    Identity who;
    who.creator = name + ":" + project;
    who.user_id = name;
    who.project_id = project;
    who.roles = {"member"};
    return who;
  }

  Answer ask(Request request) {
    request.host = "localhost";
    try {
      const auto match = router_.find(request.method, request.raw_path);
      Response response;
      (*match.handler)(request, match.arguments, response);
      incoming_.append(response.measures);
      return {response.status, response.body, response.headers};
    } catch (const HttpError& error) {
      return {error.status(), error.detail().text, error.headers()};
    } catch (const Refused& refused) {
      return {400, refused.what(), {}};
    }
  }

  Answer ask(const std::string& method, const std::string& url, const std::string& body = {},
             const Identity& who = user("foobar"),
             const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    Request request;
    request.method = method;
    request.raw_path = url.substr(0, url.find('?'));
    request.path = request.raw_path;
    if (url.find('?') != std::string::npos) {
      request.query = QueryParameters::parse(url.substr(url.find('?') + 1));
    }
    request.body = body;
    request.headers.set("Content-Type", "application/json");
    for (const auto& [name, value] : headers) request.headers.set(name, value);
    request.identity = who;
    return ask(std::move(request));
  }

  /// A type with an attribute of each kind, only "host" required.
  void make_type() {
    const Answer answer = ask("POST", "/v1/resource_type", R"({"name": "vm", "attributes": {
        "host": {"type": "string"},
        "flavor": {"type": "string", "required": false, "min_length": 2, "max_length": 10},
        "n": {"type": "number", "required": false, "min": 0, "max": 10},
        "b": {"type": "bool", "required": false},
        "d": {"type": "datetime", "required": false},
        "u": {"type": "uuid", "required": false}}})",
                              user("admin"));
    ASSERT_EQ(answer.status, 201) << answer.body;
  }

  Answer make(const std::string& id, const std::string& more = {},
              const Identity& who = user("foobar")) {
    return ask("POST", "/v1/resource/generic", R"({"id": ")" + id + "\"" + more + "}", who);
  }

  /// The original ids of a listing, in its order.
  static std::vector<std::string> names_of(const Answer& answer) {
    std::vector<std::string> names;
    EXPECT_EQ(answer.status, 200) << answer.body;
    if (answer.status != 200) return names;
    const auto json = answer.json();
    for (const auto& resource : json.GetArray()) {
      names.emplace_back(resource["original_resource_id"].GetString());
    }
    return names;
  }

  support::MemoryLog log_;
  support::SqliteIndex index_;
  IndexerDriver& indexer_ = index_.driver();
  LimitConfig config_;
  policy::FileEnforcer enforcer_{{}, log_};
  support::MemoryStorage storage_;
  support::MemoryIncoming incoming_;
  support::MemoryCoordinator coordinator_;
  pipeline::Processor processor_{storage_, incoming_, indexer_, coordinator_, log_};
  index::ArchivePolicyCache archive_policies_{indexer_};
  index::MetricCache metrics_{indexer_, std::chrono::minutes(1), 1000};
  index::WatchedIndexer watched_indexer_{indexer_, metrics_};
  query::Reader reader_{storage_, &incoming_, std::size_t{16} << 20, log_};
  Services services_{config_,
                     enforcer_,
                     watched_indexer_,
                     storage_,
                     incoming_,
                     coordinator_,
                     processor_,
                     archive_policies_,
                     metrics_,
                     reader_,
                     log_,
                     [] {
                       return std::chrono::time_point_cast<std::chrono::nanoseconds>(
                           std::chrono::system_clock::now());
                     }};
  Router router_;
};

}  // namespace gnocchi::api
