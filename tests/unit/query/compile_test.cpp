#include "tests/unit/query/programs.h"

namespace gnocchi::query {
namespace {

std::string compile_fault(const std::string& text) {
  return fault_of([&] { program_of(text); });
}

TEST(Compile, ReferencesAreFoundOnceAndInOrder) {
  const Program program =
      program_of("(+ (negative (metric (a mean) ('b c' max) (a mean))) (metric a min))");
  EXPECT_EQ(program.references,
            (std::vector<Reference>{{"a", "mean"}, {"b c", "max"}, {"a", "min"}}));
  EXPECT_EQ(program.metric_nodes, 2U);
  EXPECT_TRUE(program_of("(abs (neg 5))").references.empty());
}

TEST(Compile, WhatIsNoOperationIsNamed) {
  EXPECT_EQ(compile_fault("(notexist (metric a mean))"), "'notexist' operation invalid");
  EXPECT_EQ(compile_fault("(abs (metric a mean) 5)"), "'abs' operation invalid");
  EXPECT_EQ(compile_fault("(+ (metric a mean))"), "'+' operation invalid");
  EXPECT_EQ(compile_fault("(clip (metric a mean))"), "'clip' operation invalid");
  EXPECT_EQ(compile_fault("(clip (metric a mean) 1 2 3)"), "'clip' operation invalid");
  EXPECT_EQ(compile_fault("(resample foo 60 (metric a mean))"), "'resample' operation invalid");
  EXPECT_EQ(compile_fault("(resample mean -1 (metric a mean))"), "'resample' operation invalid");
  EXPECT_EQ(compile_fault("(resample var 60 (metric a mean))"), "'resample' operation invalid");
  EXPECT_EQ(compile_fault("(rolling mean 0 (metric a mean))"), "'rolling' operation invalid");
  EXPECT_EQ(compile_fault("(rolling last 2 (metric a mean))"), "'rolling' operation invalid");
  EXPECT_EQ(compile_fault("(rolling mean 2)"), "'rolling' operation invalid");
  EXPECT_EQ(compile_fault("(aggregate last (metric a mean))"), "'aggregate' operation invalid");
  EXPECT_EQ(compile_fault("(aggregate mean)"), "'aggregate' operation invalid");
  EXPECT_EQ(compile_fault("(metric)"), "Operation need at least one argument");
  EXPECT_EQ(compile_fault("(metric (a))"), "'metric' operation invalid");
  EXPECT_EQ(compile_fault("(metric a)"), "'metric' operation invalid");
  EXPECT_EQ(compile_fault("()"), "Operation must not be empty");
  EXPECT_EQ(compile_fault("(abs foo)"), "Expected a tuple/list, got a <class 'str'>");
  EXPECT_EQ(compile_fault("((abs 5))"), "'['abs', '5']' operation invalid");
}

TEST(Compile, OperationsOnSeriesRefuseNumbers) {
  for (const char* text :
       {"(aggregate mean 5)", "(aggregate mean (metric a mean) 5)", "(rolling mean 2 5)",
        "(resample mean 60 (+ 1 2))", "(rateofchange 5)", "(rateofchangesec (abs 5))"}) {
    EXPECT_NE(compile_fault(text).find("operation invalid"), std::string::npos) << text;
  }
}

TEST(Compile, TooManyOperationsAreRefused) {
  const auto sum_of = [](int terms) {
    // Balanced, so that it is not too deep.
    std::vector<std::string> texts(static_cast<std::size_t>(terms), "(metric a mean)");
    while (texts.size() > 1) {
      std::vector<std::string> halved;
      for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
        halved.push_back("(+ " + texts[i] + " " + texts[i + 1] + ")");
      }
      texts = std::move(halved);
    }
    return texts.front();
  };
  EXPECT_EQ(compile_fault(sum_of(256)), "");
  EXPECT_EQ(compile_fault(sum_of(1024)), "Too many operations");
}

TEST(Compile, BrokenTextsAreRefusedWithTheirPlace) {
  EXPECT_EQ(compile_fault("(metric a mean"),
            "Expected ')', found end of text  (at char 14), (line:1, col:15)");
  EXPECT_NE(compile_fault("").find("Expected '('"), std::string::npos);
  EXPECT_NE(compile_fault("abs").find("Expected '('"), std::string::npos);
  EXPECT_NE(compile_fault("(metric 'a mean)").find("Expected '"), std::string::npos);
  EXPECT_NE(compile_fault(std::string(100'000, '(')).find("fewer levels"), std::string::npos);
}

TEST(Compile, ExpressionsAreShownAsPythonDoes) {
  const Expression expression{std::vector<Expression>{
      {std::string("+")}, {2.0}, {std::vector<Expression>{{std::string("metric")}}}}};
  EXPECT_EQ(python_text(expression, 100), "['+', 2.0, ['metric']]");
  EXPECT_EQ(python_text(expression, 8), "['+', 2....");
}

}  // namespace
}  // namespace gnocchi::query
