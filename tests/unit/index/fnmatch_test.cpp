#include "core/index/fnmatch.h"

#include <gtest/gtest.h>

#include <string>

namespace gnocchi::index {
namespace {

TEST(Fnmatch, StarsAndQuestionMarks) {
  EXPECT_TRUE(fnmatch("disk.read.rate", "disk.*"));
  EXPECT_TRUE(fnmatch("disk.read.rate", "*rate"));
  EXPECT_TRUE(fnmatch("disk.read.rate", "d*.r*.r*e"));
  EXPECT_TRUE(fnmatch("", "*"));
  EXPECT_TRUE(fnmatch("", ""));
  EXPECT_TRUE(fnmatch("ab\nc", "a*c"));
  EXPECT_FALSE(fnmatch("disk", "disk.*"));
  EXPECT_FALSE(fnmatch("cpu", "disk.*"));
  EXPECT_FALSE(fnmatch("abc", "ab"));
  EXPECT_TRUE(fnmatch("cpu", "c?u"));
  EXPECT_FALSE(fnmatch("cu", "c?u"));
  EXPECT_FALSE(fnmatch("CPU", "cpu"));
}

TEST(Fnmatch, QuestionMarkIsOneCharacterNotOneByte) {
  EXPECT_TRUE(fnmatch("\xc3\xa9", "?"));
  EXPECT_FALSE(fnmatch("\xc3\xa9", "??"));
  EXPECT_TRUE(fnmatch("\xe2\x98\x83", "[\xe2\x98\x80-\xe2\x98\x85]"));
}

TEST(Fnmatch, Sets) {
  EXPECT_TRUE(fnmatch("sda1", "sda[0-9]"));
  EXPECT_FALSE(fnmatch("sdax", "sda[0-9]"));
  EXPECT_TRUE(fnmatch("sdax", "sda[!0-9]"));
  EXPECT_TRUE(fnmatch("]", "[]]"));
  EXPECT_TRUE(fnmatch("a", "[!]]"));
  EXPECT_TRUE(fnmatch("-", "[a-]"));
  EXPECT_TRUE(fnmatch("-", "[-a]"));
  EXPECT_TRUE(fnmatch("-", "[a-b-c]"));
  EXPECT_TRUE(fnmatch("^", "[^a]"));
  EXPECT_TRUE(fnmatch("\\", "[\\]"));
  EXPECT_FALSE(fnmatch("b", "[c-a]"));
  EXPECT_TRUE(fnmatch("b", "[!c-a]"));
  EXPECT_TRUE(fnmatch("[a", "[a"));
  EXPECT_TRUE(fnmatch("x[", "x["));
}

TEST(Fnmatch, ManyStarsDoNotExplode) {
  const std::string name(5000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "*a";
  EXPECT_FALSE(fnmatch(name, pattern + "b"));
  EXPECT_TRUE(fnmatch(name, pattern));
}

}  // namespace
}  // namespace gnocchi::index
