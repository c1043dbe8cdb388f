#include "api/collectd_body.h"

#include <gtest/gtest.h>

#include "api/errors.h"

namespace gnocchi::api {
namespace {

constexpr char kMessage[] = R"([
  {"dstypes": ["gauge"], "plugin": "memory", "dsnames": ["value"], "interval": 10.0,
   "host": "www.gnocchi.test.com", "values": [9], "time": 1506712460.824, "plugin_instance": "",
   "type_instance": "free", "type": "memory"},
  {"dstypes": ["derive", "derive"], "plugin": "interface", "dsnames": ["rx", "tx"],
   "interval": 10.0, "host": "www.gnocchi.test.com", "values": [2, 5.5], "time": 1506712460.824,
   "plugin_instance": "ens2f1", "type_instance": "", "type": "if_errors"},
  {"plugin": "p", "dsnames": ["value"], "host": "h", "values": [null], "plugin_instance": "",
   "type_instance": "", "type": "t"}])";

TEST(CollectdBody, NamesAreBuiltAsUpstreamDoes) {
  const auto values = parse_collectd(kMessage);
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].host, "www.gnocchi.test.com");
  EXPECT_EQ(values[0].metric, "memory@memory-free");
  EXPECT_EQ(values[0].value, 9);
  EXPECT_EQ(values[1].metric, "interface-ens2f1@if_errors-rx");
  EXPECT_EQ(values[2].metric, "interface-ens2f1@if_errors-tx");
  EXPECT_EQ(values[2].value, 5.5);
  EXPECT_TRUE(parse_collectd("[]").empty());
}

TEST(CollectdBody, WhatDoesNotFitIsRefused) {
  for (const char* body :
       {"", "{", "{}", "[1]", "[{}]", R"([{"host": 5}])",
        R"([{"host": "h", "plugin": "p", "plugin_instance": "", "type": "t", "type_instance": "",
             "dsnames": ["a", "b"], "values": [1]}])",
        R"([{"host": "h", "plugin": "p", "plugin_instance": "", "type": "t", "type_instance": "",
             "dsnames": ["a"], "values": ["1"]}])",
        R"([{"host": "h", "plugin": "p", "plugin_instance": "", "type": "t", "type_instance": "",
             "dsnames": "a", "values": [1]}])"}) {
    EXPECT_THROW(parse_collectd(body), HttpError) << body;
  }
}

}  // namespace
}  // namespace gnocchi::api
