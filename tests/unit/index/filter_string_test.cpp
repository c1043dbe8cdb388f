#include "core/index/filter_string.h"

#include <gtest/gtest.h>

#include <map>

#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

using Op = Filter::Op;

/// The tree as text: (and (= a 'x') (in b 1 2)).
std::string show(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return "'" + *text + "'";
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "true" : "false";
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  return "null";
}

std::string show(const FilterTree& tree) {
  static const std::map<Op, std::string> kNames{
      {Op::all_of, "and"}, {Op::any_of, "or"}, {Op::negate, "not"}, {Op::eq, "="},
      {Op::ne, "!="},      {Op::lt, "<"},      {Op::le, "<="},      {Op::gt, ">"},
      {Op::ge, ">="},      {Op::like, "like"}, {Op::in, "in"}};
  std::string text = "(" + kNames.at(tree.op);
  if (!tree.field.empty()) text += " " + tree.field;
  for (const FilterTree& child : tree.children) text += " " + show(child);
  for (const Value& value : tree.values) text += " " + show(value);
  return text + ")";
}

std::string parsed(std::string_view text) {
  try {
    return show(parse_filter(text));
  } catch (const Refused& fault) {
    EXPECT_EQ(fault.reason(), Refused::Reason::invalid_value);
    return fault.what();
  }
}

TEST(FilterString, EveryOperatorHasItsSpellings) {
  EXPECT_EQ(parsed("a = b"), "(= a 'b')");
  EXPECT_EQ(parsed("a eq b"), "(= a 'b')");
  EXPECT_EQ(parsed("a != b"), "(!= a 'b')");
  EXPECT_EQ(parsed("a ne b"), "(!= a 'b')");
  EXPECT_EQ(parsed("a \xe2\x89\xa0 b"), "(!= a 'b')");
  EXPECT_EQ(parsed("a < 1"), "(< a 1)");
  EXPECT_EQ(parsed("a lt 1"), "(< a 1)");
  EXPECT_EQ(parsed("a > 1"), "(> a 1)");
  EXPECT_EQ(parsed("a gt 1"), "(> a 1)");
  EXPECT_EQ(parsed("a <= 1"), "(<= a 1)");
  EXPECT_EQ(parsed("a \xe2\x89\xa4 1"), "(<= a 1)");
  EXPECT_EQ(parsed("a>=1"), "(>= a 1)");
  EXPECT_EQ(parsed("a\xe2\x89\xa5"
                   "1"),
            "(>= a 1)");
  EXPECT_EQ(parsed("a like 'x%'"), "(like a 'x%')");
}

TEST(FilterString, LiteralsHaveTypes) {
  EXPECT_EQ(parsed("a = 'it is'"), "(= a 'it is')");
  EXPECT_EQ(parsed("a = \"it's\""), "(= a 'it's')");
  EXPECT_EQ(parsed("a = ''"), "(= a '')");
  EXPECT_EQ(parsed("a = -12"), "(= a -12)");
  EXPECT_EQ(parsed("a = +12"), "(= a 12)");
  EXPECT_EQ(parsed("a = 1.5e3"), "(= a 1500.000000)");
  EXPECT_EQ(parsed("a = 99999999999999999999"), "(= a 100000000000000000000.000000)");
  for (const char* null : {"null", "none", "None"}) {
    EXPECT_EQ(parsed(std::string("a = ") + null), "(= a null)");
  }
  EXPECT_EQ(parsed("a = true"), "(= a true)");
  EXPECT_EQ(parsed("a = False"), "(= a false)");
  EXPECT_EQ(parsed("a = nullable"), "(= a 'nullable')");
  EXPECT_EQ(parsed("a = cd09ecce-3e17-4733-ad32-8a6b2034dcfd"),
            "(= a 'cd09ecce-3e17-4733-ad32-8a6b2034dcfd')");
  EXPECT_EQ(parsed("a = 05fde895cf8a475c90a7a4c8598d935d"),
            "(= a '05fde895cf8a475c90a7a4c8598d935d')");
}

TEST(FilterString, NotBindsClosestThenAndThenOr) {
  EXPECT_EQ(parsed("a = 1 or b = 2 and not c = 3"), "(or (= a 1) (and (= b 2) (not (= c 3))))");
  EXPECT_EQ(parsed("(a = 1 or b = 2) and c = 3"), "(and (or (= a 1) (= b 2)) (= c 3))");
  EXPECT_EQ(parsed("a = 1 and b = 2 and c = 3"), "(and (= a 1) (= b 2) (= c 3))");
  EXPECT_EQ(parsed("a=1 \xe2\x88\xa7 b=2 \xe2\x88\xa8 c=3"), "(or (and (= a 1) (= b 2)) (= c 3))");
  EXPECT_EQ(parsed("not not a = 1"), "(not (not (= a 1)))");
  EXPECT_EQ(parsed("not (a = 1)"), "(not (= a 1))");
}

TEST(FilterString, FieldsThatBeginLikeWordsOfTheLanguageAreFields) {
  EXPECT_EQ(parsed("notes = 1"), "(= notes 1)");
  EXPECT_EQ(parsed("android = 1 and order = 2"), "(and (= android 1) (= order 2))");
  EXPECT_EQ(parsed("in in [a]"), "(in in 'a')");
  EXPECT_EQ(parsed("'new-optional' = 1"), "(= new-optional 1)");
}

TEST(FilterString, InTakesAList) {
  EXPECT_EQ(parsed("id in [a, 'b c',3]"), "(in id 'a' 'b c' 3)");
  EXPECT_EQ(parsed("not id in [a]"), "(not (in id 'a'))");
  EXPECT_EQ(parsed("id in []"), "Invalid filter: length of value must be at least 1 (at char 8)");
  EXPECT_EQ(parsed("id in [a b]"), "Invalid filter: Expected ']', found 'b' (at char 9)");
  EXPECT_EQ(parsed("id in [a,]"), "Invalid filter: Expected term, found ']' (at char 9)");
  EXPECT_EQ(parsed("id in a"), "Invalid filter: Expected '[', found 'a' (at char 6)");
}

TEST(FilterString, FaultsNameThePlace) {
  EXPECT_EQ(parsed("id == foobar"), "Invalid filter: Expected term, found '=' (at char 4)");
  EXPECT_EQ(parsed(""), "Invalid filter: Expected term, found end of text (at char 0)");
  EXPECT_EQ(parsed("host"), "Invalid filter: Expected operator, found end of text (at char 4)");
  EXPECT_EQ(parsed("host ="), "Invalid filter: Expected term, found end of text (at char 6)");
  EXPECT_EQ(parsed("host = h1 and"),
            "Invalid filter: Expected term, found end of text (at char 13)");
  EXPECT_EQ(parsed("host = h1 host"),
            "Invalid filter: Expected end of text, found 'host' (at char 10)");
  EXPECT_EQ(parsed("host = 'a"), "Invalid filter: Expected closing quote, found ''' (at char 7)");
  EXPECT_EQ(parsed("(a = 1"), "Invalid filter: Expected ')', found end of text (at char 6)");
  EXPECT_EQ(parsed("h = \xc3\xa9"), "Invalid filter: Expected term, found '\xc3\xa9' (at char 4)");
  EXPECT_EQ(parsed("h = '\xff'"), "Invalid filter: Expected UTF-8");
  EXPECT_EQ(parsed("a = 1e999"), "Invalid filter: number out of range (at char 4)");
}

TEST(FilterString, NestingIsBounded) {
  const auto nested = [](int levels) {
    return std::string(levels, '(') + "a = 1" + std::string(levels, ')');
  };
  EXPECT_EQ(parsed(nested(kMaxFilterDepth - 1)), "(= a 1)");
  EXPECT_EQ(parsed(nested(kMaxFilterDepth)).substr(0, 50),
            "Invalid filter: nested deeper than 100 levels (at ");
  std::string nots;
  for (int i = 0; i < 100'000; ++i) nots += "not ";
  EXPECT_TRUE(parsed(nots + "a = 1").starts_with("Invalid filter: nested deeper"));
}

TEST(FilterString, LongListsAreLinear) {
  std::string text = "id in [x0";
  for (int i = 1; i < 50'000; ++i) text += ", x" + std::to_string(i);
  EXPECT_EQ(parse_filter(text + "]").values.size(), 50'000u);
}

}  // namespace
}  // namespace gnocchi::index
