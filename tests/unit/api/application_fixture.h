#pragma once

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/application.h"
#include "api/services.h"
#include "core/config/settings.h"
#include "core/index/archive_policy_cache.h"
#include "core/index/metric_cache.h"
#include "core/index/watched_indexer.h"
#include "core/pipeline/processor.h"
#include "core/policy/enforcer.h"
#include "core/query/measures.h"
#include "core/stats/page.h"
#include "tests/support/memory_coordinator.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_log.h"
#include "tests/support/memory_policies.h"
#include "tests/support/memory_storage.h"

namespace gnocchi::api {

/// The header X-User says who asks; without it: 401.
class HeaderAuthenticator : public AuthenticatorDriver {
 public:
  void start() override {}
  void stop() noexcept override {}
  std::variant<Identity, Challenge> authenticate(const RequestHead& head) override {
    const auto user = head.header("x-user");
    if (!user) return Challenge{401, "who are you", {{"WWW-Authenticate", "Test"}}};
    if (*user == "formal") {
      return Challenge{401, "no", {{"Content-Type", "application/json"}}, "{\"error\": 1}"};
    }
    if (*user == "down") throw Error(Error::Code::unavailable, "keystone at 10.0.0.9 is away");
    Identity identity;
    identity.creator = *user;
    return identity;
  }
};

/// Admins may do everything, anybody may read.
class AdminEnforcer : public policy::Enforcer {
 public:
  bool allows(std::string_view rule, const policy::Target&, const Identity& who) const override {
    return who.creator == "admin" || rule.starts_with("get archive") || rule.starts_with("list");
  }
  policy::Visibility visible(std::string_view, const Identity&, policy::RowKind) const override {
    return policy::Everything{};
  }
};

/// The application with roots, archive policies and rules over fakes, and two routes of its own
/// (/v1/fail/{how}, /v1/echo) that show what controllers may do.
class ApplicationFixture : public testing::Test {
 protected:
  using HeaderList = std::vector<std::pair<std::string, std::string>>;

  explicit ApplicationFixture(const std::string& options = {})
      : settings_(config::settings_from_text("[indexer]\nurl = sqlite:////nowhere\n" + options)) {
    Router router;
    add_root_routes(router, services_);
    add_stats_routes(router, *settings_, page_);
    add_archive_policy_routes(router, services_);
    add_archive_policy_rule_routes(router, services_);
    router.add("GET", "/v1/fail/{how}",
               [](const Request&, const PathArguments& path, Response&) { fail(path[0]); });
    router.add("POST", "/v1/echo",
               [](const Request& request, const PathArguments&, Response& response) {
                 response.body = request.body;
               });
    application_ = std::make_unique<Application>(*settings_, authenticator_, incoming_,
                                                 std::move(router), log_);
    page_.add([this](stats::Text& text) { application_->describe(text); });
  }

  [[noreturn]] static void fail(const std::string& how) {
    using Reason = Refused::Reason;
    using Subject = Refused::Subject;
    if (how == "exists") throw Refused(Reason::already_exists, Subject::resource, "R x exists");
    if (how == "policy") throw Refused(Reason::no_such_parent, Subject::archive_policy, "no P");
    if (how == "metric") throw Refused(Reason::no_such_parent, Subject::metric, "no M");
    if (how == "value") throw Refused(Reason::invalid_value, Subject::attribute, "bad A");
    if (how == "unavailable") throw Error(Error::Code::unavailable, "mysql at 10.0.0.8 is away");
    if (how == "timeout") throw Error(Error::Code::timed_out, "ceph: after 30 s");
    if (how == "corrupt") throw Error(Error::Code::corrupt_data, "split of metric 7");
    throw std::runtime_error(how);
  }

  Response ask(std::string method, std::string_view target, std::string body = {},
               HeaderList headers = {}, const std::string& user = "admin") {
    Headers all;
    all.add("Host", "localhost:8041");
    all.add("Accept", "application/json");
    if (!user.empty()) all.add("X-User", user);
    if (!body.empty()) all.add("Content-Type", "application/json");
    for (auto& [name, value] : headers) {
      all.remove(name);
      if (!value.empty()) all.add(name, value);
    }
    return application_->handle(
        make_request(std::move(method), target, all, std::move(body), "127.0.0.1").value());
  }

  /// "description" of an error, as JSON text.
  static std::string description(const Response& response) {
    const std::string mark = "\"description\": ";
    const auto at = response.body.find(mark);
    if (at == std::string::npos) return response.body;
    return response.body.substr(at + mark.size(), response.body.size() - at - mark.size() - 1);
  }
  static std::string header(const Response& response, std::string_view name) {
    return std::string(response.headers.get(name).value_or("-"));
  }

  support::MemoryLog log_;
  std::unique_ptr<config::Settings> settings_;
  HeaderAuthenticator authenticator_;
  AdminEnforcer enforcer_;
  support::MemoryPolicies indexer_;
  support::MemoryStorage storage_;
  support::MemoryIncoming incoming_;
  support::MemoryCoordinator coordinator_;
  pipeline::Processor processor_{storage_, incoming_, indexer_, coordinator_, log_};
  index::ArchivePolicyCache archive_policies_{indexer_};
  index::MetricCache metrics_{indexer_, std::chrono::seconds(1), 100};
  index::WatchedIndexer watched_indexer_{indexer_, metrics_};
  query::Reader reader_{storage_, &incoming_, std::size_t{16} << 20, log_};
  Services services_{*settings_,
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
                     [] { return Timestamp{}; }};
  stats::Page page_;
  std::unique_ptr<Application> application_;
};

}  // namespace gnocchi::api
