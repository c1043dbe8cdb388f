#include "tests/unit/api/resource_api.h"

namespace gnocchi::api {
namespace {

class ResourceTypes : public ResourceApi {
 protected:
  Answer post(const std::string& body, const std::string& who = "admin") {
    return ask("POST", "/v1/resource_type", body, user(who));
  }
  Answer post_attribute(const std::string& name, const std::string& description) {
    return post(R"({"name": "t)" + std::to_string(count_++) + R"(", "attributes": {")" + name +
                "\": " + description + "}}");
  }
  Answer patch(const std::string& body, const std::string& type = "vm") {
    return ask("PATCH", "/v1/resource_type/" + type, body, user("admin"),
               {{"Content-Type", "application/json-patch+json"}});
  }
  static std::string add(const std::string& name, const std::string& description) {
    return R"({"op": "add", "path": "/attributes/)" + name + R"(", "value": )" + description + "}";
  }
  int count_ = 0;
};

TEST_F(ResourceTypes, DefaultsAreToldAsClientsCompareThem) {
  const Answer answer = post(R"({"name": "my", "attributes": {"s": {"type": "string"},
      "n": {"type": "number", "required": false, "max": 3}, "f": {"type": "number", "min": -2.3},
      "b": {"type": "bool"}, "u": {"type": "uuid"}, "d": {"type": "datetime"}}})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.header("Location"), "http://localhost/v1/resource_type/my");
  const std::string expected =
      R"({"name": "my", "attributes": {"b": {"type": "bool", "required": true}, )"
      R"("d": {"type": "datetime", "required": true}, )"
      R"("f": {"type": "number", "required": true, "min": -2.3, "max": null}, )"
      R"("n": {"type": "number", "required": false, "min": null, "max": 3}, )"
      R"("s": {"type": "string", "required": true, "max_length": 255, "min_length": 0}, )"
      R"("u": {"type": "uuid", "required": true}}, "state": "active"})";
  EXPECT_EQ(answer.body, expected);
  EXPECT_EQ(ask("GET", "/v1/resource_type/my").body, expected);
}

TEST_F(ResourceTypes, SentencesStartAsClientsMatchThem) {
  make_type();
  EXPECT_EQ(ask("GET", "/v1/resource_type/nope").body, "Resource type nope does not exist");
  EXPECT_EQ(ask("DELETE", "/v1/resource_type/nope", "", user("admin")).status, 404);
  const Answer twice = post(R"({"name": "vm"})");
  EXPECT_EQ(twice.body, "Resource type vm already exists");
  const Answer generic = ask("DELETE", "/v1/resource_type/generic", "", user("admin"));
  EXPECT_EQ(generic.status, 400);
  EXPECT_EQ(generic.body, "Resource type generic is still in use");
}

TEST_F(ResourceTypes, OnlyAdminsChangeThem) {
  EXPECT_EQ(post(R"({"name": "mine"})", "foobar").status, 403);
  make_type();
  EXPECT_EQ(ask("DELETE", "/v1/resource_type/vm").status, 403);
  EXPECT_EQ(ask("GET", "/v1/resource_type").status, 200);
}

TEST_F(ResourceTypes, FaultsOfDescriptionsAreNamed) {
  const auto reason = [&](const std::string& description) {
    const Answer answer = post_attribute("a", description);
    EXPECT_EQ(answer.status, 400) << description;
    const auto json = answer.json();
    return std::string(json["reason"].GetString());
  };
  const std::string at = " for dictionary value @ data['attributes']['a']";
  EXPECT_EQ(reason(R"({"type": "foo"})"), "not a valid value" + at + "['type']");
  EXPECT_EQ(reason(R"({"required": true})"),
            "required key not provided @ data['attributes']['a']['type']");
  EXPECT_EQ(reason(R"("x")"), "expected a dictionary" + at);
  EXPECT_EQ(reason(R"({"type": "string", "max_length": 300})"),
            "value must be at most 256" + at + "['max_length']");
  EXPECT_EQ(reason(R"({"type": "string", "max_length": true})"),
            "expected int" + at + "['max_length']");
  EXPECT_EQ(reason(R"({"type": "number", "min": "x"})"), "expected Real" + at + "['min']");
  EXPECT_EQ(reason(R"({"type": "uuid", "required": 1})"), "expected bool" + at + "['required']");
  EXPECT_EQ(reason(R"({"type": "string", "options": {"fill": "x"}})"),
            "extra keys not allowed @ data['attributes']['a']['options']");
  EXPECT_EQ(post_attribute("project_id", R"({"type": "string"})").body,
            "Invalid input: Resource attribute name project_id is invalid");
  EXPECT_EQ(post(R"({"name": ""})").status, 400);
  EXPECT_EQ(post(R"({"name": 5})").status, 400);
  EXPECT_EQ(post(R"({})").status, 400);
  EXPECT_EQ(post(R"({"name": "x", "foo": 1})").status, 400);
  EXPECT_EQ(post(R"({"name": "a/b"})").status, 400);
}

TEST_F(ResourceTypes, PatchAddsWithFillAndRemoves) {
  make_type();
  const Answer made =
      ask("POST", "/v1/resource/vm", R"({"id": "vm1", "host": "h1", "flavor": "abc"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const Answer answer = patch("[" + add("new", R"({"type": "number", "options": {"fill": 15}})") +
                              ", " + add("opt", R"({"type": "bool", "required": false})") +
                              R"(, {"op": "remove", "path": "/attributes/flavor"}])");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto type = answer.json();
  EXPECT_TRUE(type["attributes"].HasMember("new"));
  EXPECT_FALSE(type["attributes"]["new"].HasMember("options"));
  EXPECT_FALSE(type["attributes"].HasMember("flavor"));
  const auto resource = ask("GET", "/v1/resource/vm/vm1").json();
  EXPECT_EQ(resource["new"].GetDouble(), 15);
  EXPECT_TRUE(resource["opt"].IsNull());
  EXPECT_FALSE(resource.HasMember("flavor"));
}

TEST_F(ResourceTypes, PatchIsRefusedInUpstreamsWords) {
  make_type();
  EXPECT_EQ(patch("[" + add("missing", R"({"type": "bool", "options": {}})") + "]").body,
            "Invalid input: Option 'fill' of resource attribute missing is invalid: must not be "
            "empty if required=True");
  EXPECT_EQ(
      patch("[" + add("bad", R"({"type": "number", "options": {"fill": "a-string"}})") + "]").body,
      "Invalid input: Option 'fill' of resource attribute bad is invalid: expected Real");
  EXPECT_EQ(patch("[" + add("bad", R"({"type": "bool", "required": 5})") + "]").body,
            "Invalid input: expected bool for dictionary value @ "
            "data['attributes']['bad']['required']");
  EXPECT_EQ(patch(R"([{"op": "remove", "path": "/attributes/unknown"}])").body,
            "can't remove a non-existent object 'unknown'");
  EXPECT_EQ(patch(R"([{"op": "add"}])").body, "Operation must have a 'path' member");
  EXPECT_EQ(patch(R"([{"path": "/attributes/x"}])").body, "Operation does not contain 'op' member");
  EXPECT_EQ(patch(R"([{"op": "add", "path": "/attributes/x"}])").body,
            "The operation does not contain a 'value' member");
  for (const char* path : {"/name", "/attributes", "/attributes/host/type", "attributes/x"}) {
    const auto fault = patch(R"([{"op": "remove", "path": ")" + std::string(path) + "\"}]").json();
    EXPECT_STREQ(fault["reason"].GetString(),
                 "not a valid value for dictionary value @ data[0]['path']");
  }
  const auto replace =
      patch(R"([{"op": "replace", "path": "/attributes/host", "value": {}}])").json();
  EXPECT_STREQ(replace["reason"].GetString(),
               "not a valid value for dictionary value @ data[0]['op']");
  EXPECT_EQ(patch("{}").status, 400);
  EXPECT_EQ(patch("[]").status, 200);
  EXPECT_EQ(patch("[]", "nope").status, 404);
  EXPECT_EQ(ask("PATCH", "/v1/resource_type/vm", "[]", user("admin")).status, 415);
  EXPECT_EQ(patch("[" + add("x", R"({"type": "bool", "required": false})") + "]", "generic").status,
            400);
  EXPECT_EQ(ask("GET", "/v1/resource/generic").status, 200);
}

TEST_F(ResourceTypes, PatchOfSeveralOperationsIsAllOrNothing) {
  make_type();
  EXPECT_EQ(patch("[" + add("x", R"({"type": "bool", "required": false})") +
                  R"(, {"op": "remove", "path": "/attributes/unknown"}])")
                .status,
            400);
  EXPECT_FALSE(ask("GET", "/v1/resource_type/vm").json()["attributes"].HasMember("x"));
  const Answer nothing = patch("[" + add("x", R"({"type": "bool", "required": false})") +
                               R"(, {"op": "remove", "path": "/attributes/x"}])");
  EXPECT_EQ(nothing.status, 200);
  EXPECT_FALSE(nothing.json()["attributes"].HasMember("x"));
}

TEST_F(ResourceTypes, AddingAnAttributeAgainChangesIt) {
  make_type();
  const Answer answer = patch("[" + add("host", R"({"type": "string", "required": false})") + "]");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_FALSE(answer.json()["attributes"]["host"]["required"].GetBool());
  EXPECT_EQ(ask("POST", "/v1/resource/vm", R"({"id": "without"})").status, 201);
  const Answer again = patch("[" + add("host", R"({"type": "string"})") + "]");
  EXPECT_EQ(again.status, 400) << "a resource has none";
  EXPECT_EQ(patch("[" + add("host", R"({"type": "uuid", "required": false})") + "]").status, 400);
  EXPECT_EQ(
      patch("[" + add("host", R"({"type": "string", "required": false, "max_length": 5})") + "]")
          .status,
      400);
}

TEST_F(ResourceTypes, TypesInUseStay) {
  make_type();
  ASSERT_EQ(ask("POST", "/v1/resource/vm", R"({"id": "vm1", "host": "h"})").status, 201);
  EXPECT_EQ(ask("DELETE", "/v1/resource_type/vm", "", user("admin")).body,
            "Resource type vm is still in use");
  ASSERT_EQ(ask("DELETE", "/v1/resource/vm/vm1").status, 204);
  EXPECT_EQ(ask("DELETE", "/v1/resource_type/vm", "", user("admin")).status, 204);
  EXPECT_EQ(ask("GET", "/v1/resource/vm").body, "Resource type vm does not exist");
}

}  // namespace
}  // namespace gnocchi::api
