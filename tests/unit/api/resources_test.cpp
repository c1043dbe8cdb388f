#include "api/etag.h"
#include "tests/unit/api/resource_api.h"

namespace gnocchi::api {
namespace {

class Resources : public ResourceApi {};

TEST_F(Resources, CreatedResourceIsAnsweredAsUpstreamDoes) {
  make_type();
  const Answer answer = ask("POST", "/v1/resource/vm", R"({"id": "vm1", "host": "h1",
      "n": 1.5, "b": true, "d": "2017-05-02T11:11:11.123456Z", "project_id": "p",
      "u": "{07EB339E-23c0-4be2-be43-cd8247afae3b}", "started_at": "2014-01-03T02:02:02.5",
      "metrics": {"disk.a": {}, "cpu": {"archive_policy_name": "low", "unit": "%"}}})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  EXPECT_EQ(answer.header("Location"),
            "http://localhost/v1/resource/vm/fb324d9e-2dbc-508c-a594-d85bf324ea9e");
  EXPECT_EQ(answer.header("ETag").size(), 42u);
  EXPECT_TRUE(answer.header("Last-Modified").ends_with(" GMT"));
  const auto json = answer.json();
  EXPECT_EQ(json.MemberCount(), 19u);
  EXPECT_STREQ(json["id"].GetString(), "fb324d9e-2dbc-508c-a594-d85bf324ea9e");
  EXPECT_STREQ(json["original_resource_id"].GetString(), "vm1");
  EXPECT_STREQ(json["creator"].GetString(), "foobar");
  EXPECT_STREQ(json["created_by_user_id"].GetString(), "foobar");
  EXPECT_STREQ(json["created_by_project_id"].GetString(), "");
  EXPECT_STREQ(json["started_at"].GetString(), "2014-01-03T02:02:02.500000+00:00");
  EXPECT_STREQ(json["d"].GetString(), "2017-05-02T11:11:11.123456+00:00");
  EXPECT_STREQ(json["u"].GetString(), "07eb339e-23c0-4be2-be43-cd8247afae3b");
  EXPECT_TRUE(json["flavor"].IsNull());
  EXPECT_TRUE(json["ended_at"].IsNull());
  EXPECT_TRUE(json["revision_end"].IsNull());
  EXPECT_EQ(json["metrics"].MemberCount(), 2u);
  EXPECT_EQ(ask("GET", "/v1/resource/vm/vm1").body, answer.body);
}

TEST_F(Resources, FaultsOfBodiesAreNamedInUpstreamsWords) {
  make_type();
  const auto reason = [&](const std::string& more) {
    const Answer answer =
        ask("POST", "/v1/resource/vm", R"({"id": "x", "host": "h", )" + more + "}");
    EXPECT_EQ(answer.status, 400) << more;
    return answer.body.starts_with("{") ? std::string(answer.json()["reason"].GetString())
                                        : answer.body;
  };
  const auto at = [](const char* path) {
    return std::string(" for dictionary value @ data") + path;
  };
  EXPECT_EQ(reason(R"("flavor": "a")"), "length of value must be at least 2" + at("['flavor']"));
  EXPECT_EQ(reason(R"("flavor": null)"), "expected str" + at("['flavor']"));
  EXPECT_EQ(reason(R"("n": 11)"), "value must be at most 10" + at("['n']"));
  EXPECT_EQ(reason(R"("b": 1)"), "expected bool" + at("['b']"));
  EXPECT_EQ(reason(R"("u": "really!")"), "badly formed hexadecimal UUID string" + at("['u']"));
  EXPECT_EQ(reason(R"("d": {})"), "Unable to convert timestamps" + at("['d']"));
  EXPECT_EQ(reason(R"("zz": 5)"), "extra keys not allowed @ data['zz']");
  EXPECT_EQ(reason(R"("creator": "me")"), "extra keys not allowed @ data['creator']");
  EXPECT_EQ(reason(R"("user_id": 5)"), "not a valid value" + at("['user_id']"));
  EXPECT_EQ(reason(R"("started_at": "foo")"), "not a valid value" + at("['started_at']"));
  EXPECT_EQ(reason(R"("metrics": [])"), "expected a dictionary" + at("['metrics']"));
  EXPECT_EQ(reason(R"("metrics": {"a": 5})"), "not a valid value" + at("['metrics']['a']"));
  EXPECT_EQ(reason(R"("metrics": {"a": {"foo": 5}})"),
            "extra keys not allowed @ data['metrics']['a']['foo']");
  EXPECT_EQ(reason(R"("metrics": {"a": {"archive_policy_name": "low", "unit": ")" +
                   std::string(32, 'x') + "\"}}"),
            "length of value must be at most 31" + at("['metrics']['a']['unit']"));
  EXPECT_EQ(reason(R"("metrics": {"a/b": {"archive_policy_name": "low"}})"),
            "'/' is not supported in metric name");
  EXPECT_EQ(reason(R"("metrics": {"a": {}})"),
            "No archive policy name specified and no archive policy rule found matching the metric "
            "name a");
  EXPECT_EQ(reason(R"("metrics": {"a": {"archive_policy_name": "nope"}})"),
            "Archive policy nope does not exist");
  EXPECT_EQ(reason(R"("metrics": {"a": "f3d41b77-0cc1-4f0b-b94a-1d5be9c0e3ea"})"),
            "Metric f3d41b77-0cc1-4f0b-b94a-1d5be9c0e3ea does not exist");
  EXPECT_EQ(reason(R"("started_at": "2015-01-01", "ended_at": "2014-01-01")"),
            "Start timestamp cannot be after end timestamp");
  EXPECT_EQ(ask("GET", "/v1/resource/vm").body, "[]") << "nothing of a refused body is kept";
}

TEST_F(Resources, RequiredAttributesAndIdMustBeThere) {
  make_type();
  const auto reason = [&](const std::string& body) {
    return std::string(ask("POST", "/v1/resource/vm", body).json()["reason"].GetString());
  };
  EXPECT_EQ(reason(R"({"id": "x"})"), "required key not provided @ data['host']");
  EXPECT_EQ(reason(R"({"host": "x"})"), "required key not provided @ data['id']");
  EXPECT_EQ(reason(R"([])"), "expected a dictionary");
  EXPECT_EQ(reason(R"({"host": "x", "id": 5})"), "expected str for dictionary value @ data['id']");
  EXPECT_EQ(reason(R"({"host": "x", "id": "a/b"})"),
            "'/' is not supported in resource id for dictionary value @ data['id']");
}

TEST_F(Resources, OneNameOncePerCreator) {
  EXPECT_EQ(make("zero").status, 201);
  const Answer twice = make("zero");
  EXPECT_EQ(twice.status, 409);
  EXPECT_TRUE(twice.body.starts_with("Resource ") && twice.body.ends_with(" already exists"));
  EXPECT_EQ(make("zero", "", user("pasta")).status, 201);
}

TEST_F(Resources, UnknownTypeOrResourceIsNotFound) {
  EXPECT_EQ(ask("GET", "/v1/resource/nope").body, "Resource type nope does not exist");
  EXPECT_EQ(ask("GET", "/v1/resource/nope/x").body, "Resource type nope does not exist");
  EXPECT_EQ(ask("POST", "/v1/resource/nope", "{}").status, 404);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/vm1").body,
            "Resource fb324d9e-2dbc-508c-a594-d85bf324ea9e does not exist");
  EXPECT_EQ(ask("PATCH", "/v1/resource/generic/vm1", "{}").status, 404);
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic/vm1").status, 404);
  EXPECT_EQ(ask("GET", "/v1/resource/generic/" + std::string(300, 'a')).status, 404);
}

TEST_F(Resources, RevisionsAreKeptOnlyOfRealChanges) {
  ASSERT_EQ(make("vm1", R"(, "user_id": "u")").status, 201);
  const std::string url = "/v1/resource/generic/vm1";
  const auto revisions = [&] { return ask("GET", url + "/history").json().Size(); };
  const Answer same = ask("PATCH", url, R"({"user_id": "u"})");
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(ask("PATCH", url, "{}").body, same.body);
  EXPECT_EQ(revisions(), 1u);
  const Answer metrics =
      ask("PATCH", url, R"({"metrics": {"cpu": {"archive_policy_name": "low"}}})");
  EXPECT_EQ(metrics.header("ETag"), same.header("ETag"));
  EXPECT_EQ(revisions(), 1u);
  const Answer changed = ask("PATCH", url, R"({"user_id": null, "ended_at": "2045-01-01"})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.header("ETag"), same.header("ETag"));
  EXPECT_TRUE(changed.json()["user_id"].IsNull());
  EXPECT_EQ(revisions(), 2u);
  EXPECT_TRUE(ask("PATCH", url, R"({"ended_at": null})").json()["ended_at"].IsNull());
}

TEST_F(Resources, PatchReplacesTheSetOfMetrics) {
  const Answer made = make("vm1", R"(, "metrics": {"cpu": {"archive_policy_name": "low"}})");
  const std::string cpu = made.json()["metrics"]["cpu"].GetString();
  const std::string url = "/v1/resource/generic/vm1";
  const auto disk = ask("PATCH", url, R"({"metrics": {"disk.io": {}}})").json();
  EXPECT_EQ(disk["metrics"].MemberCount(), 1u);
  EXPECT_TRUE(disk["metrics"].HasMember("disk.io"));
  const Answer back = ask("PATCH", url, R"({"metrics": {"cpu": ")" + cpu + "\"}}");
  ASSERT_EQ(back.status, 200) << back.body;
  EXPECT_EQ(back.json()["metrics"]["cpu"].GetString(), cpu);
  EXPECT_EQ(ask("PATCH", url, R"({"metrics": {}})").json()["metrics"].MemberCount(), 0u);
}

TEST_F(Resources, PatchCannotTurnALifetimeAround) {
  ASSERT_EQ(make("vm1", R"(, "started_at": "2014-01-01")").status, 201);
  EXPECT_EQ(ask("PATCH", "/v1/resource/generic/vm1", R"({"ended_at": "2013-01-01"})").body,
            "Value 2013-01-01 00:00:00+00:00 for attribute ended_at on resource type generic is "
            "invalid");
  EXPECT_EQ(ask("PATCH", "/v1/resource/generic/vm1", R"({"id": "other"})").status, 400);
  EXPECT_EQ(ask("PATCH", "/v1/resource/generic/vm1", R"({"started_at": null})").status, 400);
}

TEST_F(Resources, OnlyTheirPeopleSeeAndChangeThem) {
  const Identity alice = member("alice", "blue");
  const Identity bob = member("bob", "red");
  const Identity carol = member("carol", "green");
  const auto id =
      std::string(make("vm1", R"(, "project_id": "red")", alice).json()["id"].GetString());
  const std::string url = "/v1/resource/generic/" + id;
  EXPECT_EQ(ask("GET", url, "", alice).status, 200);
  EXPECT_EQ(ask("GET", url, "", bob).status, 200);
  EXPECT_EQ(ask("GET", url, "", carol).status, 404);
  EXPECT_EQ(ask("GET", url + "/history", "", carol).status, 404);
  EXPECT_EQ(ask("PATCH", url, "{}", bob).status, 403);
  EXPECT_EQ(ask("DELETE", url, "", bob).status, 403);
  EXPECT_EQ(names_of(ask("GET", "/v1/resource/generic", "", alice)).size(), 1u);
  EXPECT_EQ(names_of(ask("GET", "/v1/resource/generic", "", bob)).size(), 1u);
  EXPECT_EQ(names_of(ask("GET", "/v1/resource/generic", "", carol)).size(), 0u);
  EXPECT_EQ(names_of(ask("POST", "/v1/search/resource/generic", "", carol)).size(), 0u);
  const std::string all = R"({"!=": {"type": "nope"}})";
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic", all, bob).body, R"({"deleted": 0})");
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic", all, member("x", "%")).body, R"({"deleted": 0})");
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic", all, alice).body, R"({"deleted": 1})");
}

TEST_F(Resources, BatchDeletionNeedsACondition) {
  for (const char* name : {"a", "b", "c"}) ASSERT_EQ(make(name).status, 201);
  for (const char* body : {"", "{}", "null"}) {
    const Answer answer = ask("DELETE", "/v1/resource/generic", body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(answer.body.starts_with("caution: the query can not be empty"));
  }
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic", R"({"in": {"id": ["a", "nope"]}})").body,
            R"({"deleted": 1})");
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic?filter=id%20=%20b").body, R"({"deleted": 1})");
  EXPECT_EQ(ask("DELETE", "/v1/resource/generic", R"({"=": {"zz": 1}})").body,
            "Resource type generic has no zz attribute");
  EXPECT_EQ(names_of(ask("GET", "/v1/resource/generic")), std::vector<std::string>{"c"});
}

TEST_F(Resources, ConditionsOfHeadersAreKept) {
  const Answer made = make("vm1");
  const std::string url = "/v1/resource/generic/vm1";
  const std::string tag = made.header("ETag");
  const std::string past = "Fri, 01 Jan 2010 00:00:00 GMT";
  const std::string future = "Fri, 01 Jan 2038 00:00:00 GMT";
  const auto status = [&](const char* method, const char* header, const std::string& value) {
    return ask(method, url, "{}", user("foobar"), {{header, value}}).status;
  };
  EXPECT_EQ(status("GET", "If-Match", tag), 200);
  EXPECT_EQ(status("GET", "If-Match", "*"), 200);
  EXPECT_EQ(status("GET", "If-Match", "\"other\", " + tag), 200);
  EXPECT_EQ(status("GET", "If-Match", "\"other\""), 412);
  EXPECT_EQ(status("GET", "If-Match", "W/" + tag), 412);
  EXPECT_EQ(status("GET", "If-None-Match", tag), 304);
  EXPECT_EQ(status("GET", "If-None-Match", "W/" + tag), 304);
  EXPECT_EQ(status("GET", "If-None-Match", "*"), 304);
  EXPECT_EQ(status("GET", "If-None-Match", "\"other\""), 200);
  EXPECT_EQ(status("GET", "If-Modified-Since", future), 304);
  EXPECT_EQ(status("GET", "If-Modified-Since", past), 200);
  EXPECT_EQ(status("GET", "If-Modified-Since", "soon"), 200);
  EXPECT_EQ(status("GET", "If-Unmodified-Since", past), 412);
  EXPECT_EQ(status("GET", "If-Unmodified-Since", future), 200);
  EXPECT_EQ(status("GET", "If-Unmodified-Since", "soon"), 200);
  EXPECT_EQ(status("PATCH", "If-Unmodified-Since", "x"), 200);
  EXPECT_EQ(status("PATCH", "If-Match", "\"other\""), 412);
  EXPECT_EQ(status("PATCH", "If-None-Match", "*"), 412);
  EXPECT_EQ(status("PATCH", "If-Modified-Since", future), 200);
  EXPECT_EQ(status("DELETE", "If-Match", "\"other\""), 412);
  EXPECT_EQ(status("DELETE", "If-Match", tag), 204);
  const Answer gone = ask("GET", url, "", user("foobar"), {{"If-None-Match", tag}});
  EXPECT_EQ(gone.status, 404);
}

TEST_F(Resources, EntityTagIsThatOfPython) {
  ResourceBase resource;
  resource.id = ResourceId(*Uuid::parse("fb324d9e-2dbc-508c-a594-d85bf324ea9e"));
  resource.revision_start = Timestamp{std::chrono::microseconds{1795375616270215}};
  Response response;
  set_etag(resource, response);
  EXPECT_EQ(response.headers.get("ETag"), "\"7debb65d87b823fe49d239eb31569cdc875eef91\"");
  EXPECT_EQ(response.headers.get("Last-Modified"), "Sun, 22 Nov 2026 19:26:56 GMT");
}

}  // namespace
}  // namespace gnocchi::api
