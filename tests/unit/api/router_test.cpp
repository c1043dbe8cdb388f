#include "api/router.h"

#include <gtest/gtest.h>

#include "api/errors.h"

namespace gnocchi::api {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const Handler nothing = [](const Request&, const PathArguments&, Response&) {};
    router_.add_open("GET", "/", nothing);
    router_.add("GET", "/v1/resource/{type}", nothing);
    router_.add("DELETE", "/v1/resource/{type}", nothing);
    router_.add("GET", "/v1/resource/generic/special", nothing);
    router_.add("GET", "/v1/resource/{type}/{id}", nothing);
    router_.add("POST", "/v1/resource/generic", nothing);
  }
  std::string pattern(std::string_view method, std::string_view path) {
    return router_.routes()[router_.find(method, path).route].pattern;
  }
  Router router_;
};

TEST_F(RouterTest, LiteralsWinAndArgumentsAreDecoded) {
  EXPECT_EQ(pattern("GET", "/v1/resource/generic/special"), "/v1/resource/generic/special");
  const auto match = router_.find("GET", "//v1/resource/a%2Fb//%C3%A9/");
  EXPECT_EQ(router_.routes()[match.route].pattern, "/v1/resource/{type}/{id}");
  EXPECT_EQ(match.arguments, (PathArguments{"a/b", "\xc3\xa9"}));
  EXPECT_FALSE(match.open);
  EXPECT_TRUE(router_.find("GET", "").open);
}

TEST_F(RouterTest, NothingHasANameThatIsNoUtf8) {
  EXPECT_THROW(router_.find("GET", "/v1/resource/%FF"), HttpError);
  EXPECT_THROW(router_.find("GET", "/v1/resource/generic/%C3"), HttpError);
  EXPECT_NO_THROW(router_.find("GET", "/v1/resource/%EF%BF%BD"));
}

TEST_F(RouterTest, ALiteralThatLeadsNowhereIsNoDeadEnd) {
  EXPECT_EQ(pattern("GET", "/v1/resource/generic"), "/v1/resource/{type}");
  EXPECT_EQ(pattern("GET", "/v1/resource/generic/x"), "/v1/resource/{type}/{id}");
  EXPECT_EQ(router_.find("GET", "/v1/resource/generic/x").arguments,
            (PathArguments{"generic", "x"}));
}

TEST_F(RouterTest, UnknownPathsAndMethodsDiffer) {
  const auto status = [this](std::string_view method, std::string_view path) {
    try {
      router_.find(method, path);
    } catch (const HttpError& error) {
      return std::to_string(error.status()) + " " +
             std::string(error.headers().get("Allow").value_or(""));
    }
    return std::string("found");
  };
  EXPECT_EQ(status("GET", "/v1/nowhere"), "404 ");
  EXPECT_EQ(status("GET", "/v1/resource/a/b/c"), "404 ");
  EXPECT_EQ(status("GET", "/v1"), "404 ");
  EXPECT_EQ(status("PUT", "/v1/resource/x"), "405 DELETE, GET");
}

}  // namespace
}  // namespace gnocchi::api
