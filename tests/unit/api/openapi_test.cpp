#include "api/openapi.h"

#include <gmock/gmock.h>
#include <rapidjson/pointer.h>

#include <cctype>
#include <set>

#include "tests/unit/api/application_fixture.h"

namespace gnocchi::api {
namespace {

using testing::IsEmpty;
using Names = std::set<std::string>;

constexpr char kHowTo[] =
    "\n(api/openapi.json describes every route: paths.PATTERN.method with operationId, summary, "
    "parameters, requestBody and responses; take a neighbour for a model)";

bool is_method(const std::string& name) {
  const Names methods{"get", "head", "post", "put", "patch", "delete", "options"};
  return methods.contains(name);
}

class OpenapiTest : public ApplicationFixture {
 protected:
  OpenapiTest() {
    document_.Parse(openapi_document().data(), openapi_document().size());
    EXPECT_FALSE(document_.HasParseError()) << "at byte " << document_.GetErrorOffset();
  }

  /// f(pattern, method in small letters, path item, operation)
  template <typename F>
  void each_operation(F f) const {
    for (const auto& path : document_["paths"].GetObject()) {
      for (const auto& entry : path.value.GetObject()) {
        const std::string method = entry.name.GetString();
        if (is_method(method))
          f(std::string(path.name.GetString()), method, path.value, entry.value);
      }
    }
  }
  const rapidjson::Value& resolved(const rapidjson::Value& value) const {
    const auto reference = value.FindMember("$ref");
    if (reference == value.MemberEnd()) return value;
    const auto* target = rapidjson::Pointer(reference->value.GetString()).Get(document_);
    EXPECT_NE(target, nullptr) << reference->value.GetString();
    return target == nullptr ? value : *target;
  }

  rapidjson::Document document_;
};

TEST_F(OpenapiTest, EveryRouteIsDescribedAndNothingElse) {
  Names routes;
  const Router router = make_router(services_, page_);
  for (const auto& route : router.routes()) {
    routes.insert(route.method + " " + route.pattern);
  }
  Names described;
  each_operation([&](const std::string& pattern, std::string method, const auto&, const auto&) {
    for (char& c : method) c = static_cast<char>(std::toupper(c));
    described.insert(method + " " + pattern);
  });
  Names missing;
  Names unknown;
  std::set_difference(routes.begin(), routes.end(), described.begin(), described.end(),
                      std::inserter(missing, missing.end()));
  std::set_difference(described.begin(), described.end(), routes.begin(), routes.end(),
                      std::inserter(unknown, unknown.end()));
  EXPECT_THAT(missing, IsEmpty()) << "routes that api/openapi.json does not describe" << kHowTo;
  EXPECT_THAT(unknown, IsEmpty()) << "api/openapi.json describes routes that are not there";
}

TEST_F(OpenapiTest, OpenRoutesNeedNoCredentialsAndOthersDo) {
  const Router router = make_router(services_, page_);
  each_operation(
      [&](const std::string& pattern, std::string method, const auto&, const auto& operation) {
        for (char& c : method) c = static_cast<char>(std::toupper(c));
        for (const auto& route : router.routes()) {
          if (route.method != method || route.pattern != pattern) continue;
          const auto security = operation.FindMember("security");
          const bool open = security != operation.MemberEnd() && security->value.Empty();
          EXPECT_EQ(open, route.open) << method << " " << pattern << ": \"security\": []";
        }
      });
}

TEST_F(OpenapiTest, OperationsAreComplete) {
  Names ids;
  each_operation([&](const std::string& pattern, const std::string& method, const auto&,
                     const auto& operation) {
    const std::string where = method + " " + pattern + kHowTo;
    ASSERT_TRUE(operation.HasMember("operationId")) << where;
    EXPECT_TRUE(ids.insert(operation["operationId"].GetString()).second) << "twice: " << where;
    EXPECT_TRUE(operation.HasMember("summary")) << where;
    ASSERT_TRUE(operation.HasMember("responses")) << where;
    bool succeeds = false;
    for (const auto& response : operation["responses"].GetObject()) {
      const std::string status = response.name.GetString();
      succeeds = succeeds || status[0] == '2' || status == "405";  // 405: it says so better
      EXPECT_TRUE(resolved(response.value).HasMember("description")) << where;
    }
    EXPECT_TRUE(succeeds) << "no 2xx: " << where;
    if (operation.HasMember("security")) return;
    EXPECT_TRUE(operation["responses"].HasMember("401")) << where;
    EXPECT_TRUE(operation["responses"].HasMember("503")) << where;
  });
}

TEST_F(OpenapiTest, PathsParametersAreDeclared) {
  each_operation([&](const std::string& pattern, const std::string& method, const auto& item,
                     const auto& operation) {
    Names in_path;
    for (auto at = pattern.find('{'); at != std::string::npos; at = pattern.find('{', at + 1)) {
      in_path.insert(pattern.substr(at + 1, pattern.find('}', at) - at - 1));
    }
    Names declared;
    for (const auto* place : {&item, &operation}) {
      if (!place->HasMember("parameters")) continue;
      for (const auto& entry : (*place)["parameters"].GetArray()) {
        const auto& parameter = resolved(entry);
        ASSERT_TRUE(parameter.HasMember("name") && parameter.HasMember("in") &&
                    parameter.HasMember("schema"))
            << method << " " << pattern;
        if (std::string(parameter["in"].GetString()) != "path") continue;
        declared.insert(parameter["name"].GetString());
        EXPECT_TRUE(parameter["required"].GetBool());
      }
    }
    EXPECT_EQ(declared, in_path) << method << " " << pattern;
  });
}

/// Every object below `value`.
void each_object(const rapidjson::Value& value,
                 const std::function<void(const rapidjson::Value&)>& f) {
  if (value.IsObject()) {
    f(value);
    for (const auto& member : value.GetObject()) each_object(member.value, f);
  } else if (value.IsArray()) {
    for (const auto& item : value.GetArray()) each_object(item, f);
  }
}

TEST_F(OpenapiTest, ReferencesLeadSomewhereAndEveryComponentIsUsed) {
  Names used;
  each_object(document_, [&](const rapidjson::Value& object) {
    if (!object.HasMember("$ref")) return;
    const std::string reference = object["$ref"].GetString();
    used.insert(reference);
    EXPECT_NE(rapidjson::Pointer(reference.c_str()).Get(document_), nullptr) << reference;
  });
  for (const auto& kind : document_["components"].GetObject()) {
    if (std::string(kind.name.GetString()) == "securitySchemes") continue;
    for (const auto& component : kind.value.GetObject()) {
      const std::string reference =
          "#/components/" + std::string(kind.name.GetString()) + "/" + component.name.GetString();
      EXPECT_TRUE(used.contains(reference)) << "nothing refers to " << reference;
    }
  }
}

TEST_F(OpenapiTest, DocumentIsServedToAnybody) {
  Router router;
  add_openapi_route(router);
  Application application(*settings_, authenticator_, incoming_, std::move(router), log_);
  const auto response =
      application.handle(make_request("GET", "/v1/openapi.json", {}, {}, "127.0.0.1").value());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Content-Type"), "application/json");
  EXPECT_EQ(response.body, openapi_document());
}

}  // namespace
}  // namespace gnocchi::api
