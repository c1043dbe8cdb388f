#include "tests/unit/api/resource_api.h"

namespace gnocchi::api {
namespace {

using Names = std::vector<std::string>;

class ResourceSearch : public ResourceApi {
 protected:
  Answer search(const std::string& body, const std::string& query = {}) {
    return ask("POST", "/v1/search/resource/generic" + query, body);
  }
  Names found(const std::string& body, const std::string& query = {}) {
    return names_of(search(body, query.empty() ? "?sort=original_resource_id" : query));
  }
  std::string reason(const std::string& body) {
    const Answer answer = search(body);
    EXPECT_EQ(answer.status, 400) << body;
    return answer.body.starts_with("{") ? std::string(answer.json()["reason"].GetString())
                                        : answer.body;
  }
};

TEST_F(ResourceSearch, NoConditionFindsEverything) {
  make("a");
  make("b");
  for (const char* body : {"", "{}", "null"}) EXPECT_EQ(found(body), (Names{"a", "b"})) << body;
}

TEST_F(ResourceSearch, JsonAndTextSayTheSame) {
  make("a", R"(, "project_id": "p1", "started_at": "2014-01-01")");
  make("b", R"(, "project_id": "p2", "started_at": "2015-01-01", "ended_at": "2016-01-01")");
  EXPECT_EQ(
      found(R"({"and": [{"like": {"project_id": "p%"}}, {">": {"started_at": "2014-06-01"}}]})"),
      Names{"b"});
  EXPECT_EQ(found("", "?filter=project_id%20like%20'p%25'%20and%20started_at%20%3E%20'2014-06-01'"),
            Names{"b"});
  EXPECT_EQ(found(R"({"=": {"id": "a"}})"), Names{"a"});
  EXPECT_EQ(found("", "?filter=id%20in%20[a]"), Names{"a"});
  EXPECT_EQ(found(R"({"=": {"ended_at": null}})"), Names{"a"});
  EXPECT_EQ(found(R"({"not": {"=": {"ended_at": null}}})"), Names{"b"});
}

TEST_F(ResourceSearch, NotInLeavesNullOutAndUnequalKeepsIt) {
  make("a", R"(, "project_id": "p1")");
  make("b", R"(, "project_id": "p2")");
  make("none");
  EXPECT_EQ(found(R"({"not": {"in": {"project_id": ["p1"]}}})"), Names{"b"});
  EXPECT_EQ(found(R"({"!=": {"project_id": "p1"}})"), (Names{"b", "none"}));
}

TEST_F(ResourceSearch, ListsMayBeVeryLong) {
  make("a", R"(, "project_id": "p1")");
  std::string literals = "\"p0\"";
  for (int i = 2; i < 30'000; ++i) literals += ",\"p" + std::to_string(i) + "\"";
  EXPECT_EQ(found(R"({"not": {"in": {"project_id": [)" + literals + "]}}}"), Names{"a"});
}

TEST_F(ResourceSearch, FaultsAreNamedInUpstreamsWords) {
  EXPECT_EQ(reason(R"({"and": {"project_id": "foobar"}})"),
            "expected a list for dictionary value @ data['and']");
  EXPECT_EQ(reason(R"({"and": []})"),
            "length of value must be at least 1 for dictionary value @ data['and']");
  EXPECT_EQ(reason(R"({"like": {"id": "fa%"}})"), "extra keys not allowed @ data['like']['id']");
  EXPECT_EQ(reason(R"({"ne": {"project_id": ["foobar"]}})"),
            "expected str for dictionary value @ data['ne']['project_id']");
  EXPECT_EQ(reason(R"({"not": [{"project_id": "foobar"}]})"),
            "expected a dictionary for dictionary value @ data['not']");
  EXPECT_EQ(reason(R"({"in": {"id": []}})"),
            "length of value must be at least 1 for dictionary value @ data['in']['id']");
  EXPECT_EQ(reason(R"({"in": {"project_id": [[1]]}})"),
            "expected str @ data['in']['project_id'][0]");
  EXPECT_EQ(reason(R"({"=": {"id": "a/b"}})"),
            "'/' is not supported in resource id for dictionary value @ data['=']['id']");
  EXPECT_EQ(reason(R"({"and": [{"=": {"id": "a"}}, {"=": {}}]})"),
            "length of value must be at least 1 for dictionary value @ data['and'][1]['=']");
  EXPECT_EQ(reason(R"({"zz": {"a": 1}})"), "extra keys not allowed @ data['zz']");
  EXPECT_EQ(reason(R"({"=": {"a": 1}, "!=": {"a": 1}})"), "length of value must be at most 1");
  EXPECT_EQ(reason("[]"), "expected a dictionary");
  EXPECT_EQ(reason("5"), "expected a dictionary");
  EXPECT_EQ(reason(R"({"not": {}})"), "Unable to parse this query");
  EXPECT_EQ(reason(R"({"=": {"zz": 1}})"), "Resource type generic has no zz attribute");
  EXPECT_EQ(reason(R"({"=": {"started_at": "zz"}})"), "Invalid value: `zz' for field `started_at'");
  EXPECT_EQ(search("", "?filter=id%20==%20foobar").body,
            "Invalid filter: Expected term, found '=' (at char 4)");
}

TEST_F(ResourceSearch, DeepFiltersAreRefused) {
  make("a");
  make("b");
  const auto nested = [](int times) {
    std::string body = R"({"!=": {"original_resource_id": "a"}})";
    for (int i = 0; i < times; ++i) {
      body = R"({"not": {"and": [{"!=": {"original_resource_id": "c"}}, )" + body + "]}}";
    }
    return body;
  };
  EXPECT_EQ(found(nested(8)), Names{"b"});
  EXPECT_EQ(found(nested(9)), Names{"a"});
  for (const int times : {10, 30, 1000}) EXPECT_EQ(search(nested(times)).status, 400);
}

TEST_F(ResourceSearch, PagesAreLinkedUntilTheEmptyOne) {
  for (const char* name : {"a", "b", "c", "d"}) make(name);
  const Answer first = search("{}", "?limit=2&sort=original_resource_id:desc&attrs=id&foo=b%20ar");
  const std::string link = first.header("Link");
  const auto marker = std::string(first.json()[1]["id"].GetString());
  EXPECT_EQ(link, "<http://localhost/v1/search/resource/generic?attrs=id&foo=b+ar&limit=2&marker=" +
                      marker + "&sort=original_resource_id%3Adesc>; rel=\"next\"");
  EXPECT_EQ(first.json()[0].MemberCount(), 1u);
  const std::string next = "?limit=2&sort=original_resource_id:desc&marker=";
  const Answer second = search("{}", next + marker);
  EXPECT_EQ(names_of(second), (Names{"b", "a"}));
  EXPECT_NE(second.header("Link"), "");
  const Answer last = search("{}", next + std::string(second.json()[1]["id"].GetString()));
  EXPECT_EQ(last.body, "[]");
  EXPECT_EQ(last.header("Link"), "");
}

TEST_F(ResourceSearch, FaultyPagesAreRefused) {
  const auto body = [&](const std::string& query) {
    const Answer answer = search("{}", query);
    EXPECT_EQ(answer.status, 400) << query;
    return answer.body;
  };
  EXPECT_EQ(body("?limit=-2"),
            R"({"cause": "Argument value error", "reason": "value must be at least 1 for )"
            R"(dictionary value @ data['limit']"})");
  EXPECT_EQ(body("?limit=x"),
            R"({"cause": "Argument value error", "reason": "expected int for dictionary value @ )"
            R"(data['limit']"})");
  EXPECT_EQ(body("?sort=invalid:asc"),
            "Invalid pagination: `Sort key supplied is invalid: invalid'");
  EXPECT_TRUE(body("?sort=id:invalid").starts_with("Invalid pagination: `Unknown sort direction"));
  const std::string id = "d44b3f4c-27bc-4ace-b81c-2a8e60026874";
  EXPECT_EQ(body("?marker=" + id), "Invalid pagination: `Invalid marker: `" + id + "''");
  EXPECT_EQ(body("?marker=vm9"), "Invalid pagination: `Invalid marker: `vm9''");
  EXPECT_EQ(body("?history=true&marker=foo"), "Invalid pagination: `Invalid marker: `foo''");
  EXPECT_EQ(body("?details=foo"), "Unable to parse `details': invalid truth value 'foo'");
  EXPECT_EQ(search("{}", "?limit=99999999999999999999").status, 200);
}

TEST_F(ResourceSearch, HistoryFindsRevisionsAndPagesOverThem) {
  make("a", R"(, "user_id": "u1")");
  ask("PATCH", "/v1/resource/generic/a", R"({"user_id": "u2"})");
  ask("PATCH", "/v1/resource/generic/a", R"({"user_id": "u3"})");
  EXPECT_EQ(found(R"({"in": {"user_id": ["u1", "u2"]}})", "?history=true").size(), 2u);
  EXPECT_EQ(found(R"({"=": {"user_id": "u1"}})").size(), 0u);
  std::string query = "?history=true&limit=1";
  Names users;
  for (int page = 0; page < 10; ++page) {
    const Answer answer = search("{}", query);
    const auto json = answer.json();
    if (json.Empty()) break;
    users.emplace_back(json[0]["user_id"].GetString());
    const std::string link = answer.header("Link");
    const auto begin = link.find("marker=");
    query = "?history=true&limit=1&" + link.substr(begin, link.find('&', begin) - begin);
  }
  EXPECT_EQ(users, (Names{"u1", "u2", "u3"}));
}

TEST_F(ResourceSearch, DetailsShowAttributesOfDerivedTypes) {
  make_type();
  ask("POST", "/v1/resource/vm", R"({"id": "vm1", "host": "h1"})");
  EXPECT_FALSE(search("{}").json()[0].HasMember("host"));
  EXPECT_STREQ(search("{}", "?details=true").json()[0]["host"].GetString(), "h1");
  const Answer old = ask("GET", "/v1/resource/generic", "", user("foobar"),
                         {{"Accept", "application/json; details=true"}});
  EXPECT_STREQ(old.json()[0]["host"].GetString(), "h1");
}

TEST_F(ResourceSearch, OnlyPostsSearch) {
  EXPECT_EQ(ask("GET", "/v1/search/resource/generic").status, 405);
  EXPECT_EQ(ask("GET", "/v1/search/resource/nope").status, 404);
  EXPECT_EQ(ask("POST", "/v1/search/resource/nope", "{}").status, 404);
}

}  // namespace
}  // namespace gnocchi::api
