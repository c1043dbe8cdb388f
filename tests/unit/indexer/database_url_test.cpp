#include "indexer-sql/database_url.h"

#include <gtest/gtest.h>

#include "gnocchi/error.h"

namespace gnocchi::sql {
namespace {

TEST(DatabaseUrl, PythonsFormIsRead) {
  const auto url = DatabaseUrl::parse(
      "mysql+pymysql://us%40er:p%3Aa%2Fs%25s@db.example:3307/gnocchi?charset=utf8");
  EXPECT_EQ(url.scheme, "mysql");
  EXPECT_EQ(url.user, "us@er");
  EXPECT_EQ(url.password, "p:a/s%s");
  EXPECT_EQ(url.host, "db.example");
  EXPECT_EQ(url.port, 3307);
  EXPECT_EQ(url.database, "gnocchi");
  EXPECT_EQ(url.query.at("charset"), "utf8");
}

TEST(DatabaseUrl, PartsMayBeLeftOut) {
  const auto url =
      DatabaseUrl::parse("mysql://root@localhost/gnocchi?unix_socket=%2Frun%2Fmy.sock");
  EXPECT_EQ(url.password, "");
  EXPECT_EQ(url.port, 0);
  EXPECT_EQ(url.query.at("unix_socket"), "/run/my.sock");
  EXPECT_EQ(DatabaseUrl::parse("mysql://host").host, "host");
  EXPECT_EQ(DatabaseUrl::parse("mysql://[::1]:3306/x").host, "::1");
}

TEST(DatabaseUrl, FilesAreAbsoluteWithFourSlashes) {
  EXPECT_EQ(DatabaseUrl::parse("sqlite:////var/lib/a.db").database, "/var/lib/a.db");
  EXPECT_EQ(DatabaseUrl::parse("sqlite:///a%20b.db").database, "a b.db");
}

TEST(DatabaseUrl, AnUnescapedPasswordIsTakenAsFarAsItCan) {
  const auto url = DatabaseUrl::parse("mysql://u:p@ss?word@host/db");
  EXPECT_EQ(url.password, "p@ss?word");
  EXPECT_EQ(url.host, "host");
  EXPECT_EQ(url.database, "db");
}

TEST(DatabaseUrl, WhatIsNoUrlIsRefusedWithoutShowingIt) {
  for (const char* text : {"", "secret", "mysql:/secret", "://secret", "mysql://u:secret@h:port/db",
                           "mysql://u:secret@h:99999/db", "mysql://u:secret@[::1/db"}) {
    try {
      DatabaseUrl::parse(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::invalid_config);
      EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace gnocchi::sql
