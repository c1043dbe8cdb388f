#include "core/statsd/packet.h"

#include <gtest/gtest.h>

namespace gnocchi::statsd {
namespace {

Update update(std::string_view line) {
  const ParsedLine parsed = parse_line(line);
  EXPECT_TRUE(parsed.update) << line << ": " << (parsed.fault ? parsed.fault : "");
  return parsed.update.value_or(Update{});
}

TEST(StatsdPacket, EveryKindIsRead) {
  const Update counter = update("gorets.x:2.5|c|@0.2");
  EXPECT_EQ(counter.name, "gorets.x");
  EXPECT_EQ(counter.kind, Kind::counter);
  EXPECT_EQ(counter.value, 2.5);
  EXPECT_EQ(counter.rate, 0.2);
  EXPECT_EQ(update("gorets:-1|c").value, -1);
  EXPECT_EQ(update("gorets:1|c").rate, 1);
  EXPECT_EQ(update("glork:320|ms").kind, Kind::timer);
  EXPECT_EQ(update("glork:320|ms|@0.1").value, 320);
  EXPECT_EQ(update("uniques:a b|s").member, "a b");
  EXPECT_EQ(update("dir/file:1e3|g").value, 1000);
}

TEST(StatsdPacket, ASignMakesAGaugeRelative) {
  EXPECT_FALSE(update("g:5|g").relative);
  EXPECT_TRUE(update("g:+5|g").relative);
  EXPECT_EQ(update("g:+5|g").value, 5);
  EXPECT_TRUE(update("g:-5|g").relative);
  EXPECT_FALSE(update("g:-5|c").relative);
}

TEST(StatsdPacket, FaultsAreTold) {
  for (const char* line :
       {"",           "a",         "a:1",      "a|c",      ":1|c",      "a:|c",
        "a:x|c",      "a:1 |c",    "a:nan|g",  "a:inf|c",  "a:1|q",     "a:1|",
        "a:1:2|c",    "a:1|c|0.1", "a:1|c|@",  "a:1|c|@0", "a:1|c|@-1", "a:1|c|@0.1|#tag",
        "a:1|g|@0.1", "a:|s",      "a:x|s|@1", "\xff:1|c", "a:+-1|c"}) {
    const ParsedLine parsed = parse_line(line);
    EXPECT_FALSE(parsed.update) << line;
    EXPECT_NE(parsed.fault, nullptr) << line;
  }
}

}  // namespace
}  // namespace gnocchi::statsd
