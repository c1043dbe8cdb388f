#include "core/service/arguments.h"

#include <gmock/gmock.h>

#include "gnocchi/error.h"

namespace gnocchi::service {
namespace {

using plugin::OptionType;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<CommandOption> kOptions = {
    {{"port", OptionType::integer, nullptr, "port", false, false, 0, 65535}, "api.port", 'p', "N"},
    {{"sacks-number", OptionType::integer, "128", "sacks", false, false, 1, 65535}},
    {{"config-file", OptionType::path, nullptr, "file"}},
    {{"log-file", OptionType::path, nullptr, "file"}},
    {{"debug", OptionType::boolean, nullptr, "debug"}, "DEFAULT.debug", 'd'},
};

Arguments parse(std::vector<const char*> words, bool operands = false) {
  words.insert(words.begin(), "program");
  return {kOptions, operands, static_cast<int>(words.size()), words.data()};
}

std::string usage_error(const std::vector<const char*>& words) {
  try {
    parse(words);
  } catch (const UsageError& error) {
    return error.what();
  }
  ADD_FAILURE() << "accepted";
  return {};
}

TEST(Arguments, ValueFollowsOrIsJoinedByEquals) {
  EXPECT_EQ(parse({"--port", "1"}).integer("port"), 1);
  EXPECT_EQ(parse({"--port=2"}).integer("port"), 2);
  EXPECT_EQ(parse({"--log-file=a=b"}).value("log-file"), "a=b");
}

TEST(Arguments, CommandLineOfTheDeploymentGuideIsUnderstood) {
  const Arguments arguments = parse({"--port", "8041", "--", "--log-file", "/var/log/x.log",
                                     "--config-file", "/etc/gnocchi/gnocchi.conf"});
  EXPECT_EQ(arguments.integer("port"), 8041);
  EXPECT_EQ(arguments.value("log-file"), "/var/log/x.log");
  EXPECT_THAT(arguments.values("config-file"), ElementsAre("/etc/gnocchi/gnocchi.conf"));
}

TEST(Arguments, RepeatedOptionKeepsAllInOrder) {
  const Arguments arguments = parse({"--config-file", "a", "--config-file", "b"});
  EXPECT_THAT(arguments.values("config-file"), ElementsAre("a", "b"));
  EXPECT_EQ(arguments.value("config-file"), "b");
}

TEST(Arguments, SwitchesHaveLettersAndOpposites) {
  EXPECT_TRUE(parse({"--debug"}).flag("debug"));
  EXPECT_TRUE(parse({"-d"}).flag("debug"));
  EXPECT_FALSE(parse({"--debug", "--nodebug"}).flag("debug"));
  EXPECT_FALSE(parse({}).flag("debug"));
}

TEST(Arguments, LettersTakeValuesToo) {
  EXPECT_EQ(parse({"-p", "1"}).integer("port"), 1);
  EXPECT_EQ(parse({"-dp2"}).integer("port"), 2);
  EXPECT_TRUE(parse({"-dp2"}).flag("debug"));
  EXPECT_EQ(usage_error({"-p"}), "-p needs a value");
}

TEST(Arguments, UnderscoresStandForHyphens) {
  EXPECT_EQ(parse({"--sacks_number", "7"}).integer("sacks-number"), 7);
}

TEST(Arguments, DefaultHoldsWhereNothingIsGiven) {
  const Arguments arguments = parse({});
  EXPECT_EQ(arguments.integer("sacks-number"), 128);
  EXPECT_FALSE(arguments.given("sacks-number"));
  EXPECT_EQ(arguments.value("port"), std::nullopt);
}

TEST(Arguments, WrongOnesSayWhatIsWrong) {
  EXPECT_EQ(usage_error({"--prot", "1"}), "unknown option --prot; did you mean --port?");
  EXPECT_EQ(usage_error({"--zzzzzzzz"}), "unknown option --zzzzzzzz");
  EXPECT_EQ(usage_error({"-x"}), "unknown option -x");
  EXPECT_EQ(usage_error({"--port"}), "--port needs a value");
  EXPECT_EQ(usage_error({"--port", "--"}), "--port needs a value");
  EXPECT_EQ(usage_error({"--debug=1"}), "--debug takes no value");
  EXPECT_EQ(usage_error({"stray"}), "unexpected argument: stray");
  EXPECT_THAT(usage_error({"--port", "http"}), HasSubstr("--port http: not a whole number"));
  EXPECT_EQ(usage_error({"--sacks-number", "65536"}),
            "--sacks-number 65536: must be between 1 and 65535");
  EXPECT_EQ(usage_error({"--sacks-number", "0"}), "--sacks-number 0: must be between 1 and 65535");
}

TEST(Arguments, OperandsAreKeptWhereTheyAreAllowed) {
  EXPECT_THAT(parse({"a.so", "--debug", "b.so"}, true).operands(), ElementsAre("a.so", "b.so"));
}

TEST(Arguments, AskingForAnUndeclaredOptionIsABug) {
  EXPECT_THROW((void)parse({}).value("nothing"), Error);
}

TEST(Help, NamesEveryOptionWithItsDefault) {
  const std::string text = help_text("gnocchi-x", "Does x.", "", kOptions);
  EXPECT_THAT(text, HasSubstr("usage: gnocchi-x [options]\n\nDoes x.\n"));
  EXPECT_THAT(text, HasSubstr("  -p, --port N "));
  EXPECT_THAT(text, HasSubstr("  -d, --debug "));
  EXPECT_THAT(text, HasSubstr("sacks (default: 128)"));
}

}  // namespace
}  // namespace gnocchi::service
