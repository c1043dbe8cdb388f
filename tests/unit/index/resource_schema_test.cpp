#include "core/index/resource_schema.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

const Timestamp kNow{std::chrono::seconds{1'700'000'000}};

AttributeSpec spec_of(AttributeType type) {
  AttributeSpec spec;
  spec.type = type;
  return spec;
}

std::string reason_of(const std::function<void()>& check) {
  try {
    check();
  } catch (const Refused& fault) {
    return fault.what();
  }
  return "accepted";
}

std::string reason(const AttributeSpec& spec, const GivenValue& given) {
  return reason_of([&] { check_attribute(spec, given, kNow); });
}

TEST(ResourceSchema, StringHasLengthInCharacters) {
  auto spec = spec_of(AttributeType::string);
  spec.min_length = 2;
  spec.max_length = 5;
  EXPECT_EQ(reason(spec, Value(std::string("h"))), "length of value must be at least 2");
  EXPECT_EQ(reason(spec, Value(std::string("toolong"))), "length of value must be at most 5");
  EXPECT_EQ(reason(spec, Value(std::string("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"))),
            "accepted");
  EXPECT_EQ(reason(spec, Value(std::int64_t{5})), "expected str");
  EXPECT_EQ(reason(spec, Value()), "expected str");
  EXPECT_EQ(reason(spec, std::nullopt), "expected str");
}

TEST(ResourceSchema, NumberHasBounds) {
  auto spec = spec_of(AttributeType::number);
  spec.min = -2.5;
  spec.max = 10;
  EXPECT_EQ(std::get<double>(check_attribute(spec, Value(std::int64_t{3}), kNow)), 3.0);
  EXPECT_EQ(std::get<double>(check_attribute(spec, Value(true), kNow)), 1.0);
  EXPECT_EQ(reason(spec, Value(11.0)), "value must be at most 10");
  EXPECT_EQ(reason(spec, Value(-3.0)), "value must be at least -2.5");
  EXPECT_EQ(reason(spec, Value(std::string("1"))), "expected Real");
  EXPECT_NE(reason(spec_of(AttributeType::number), Value(std::nan(""))), "accepted");
  EXPECT_NE(reason(spec_of(AttributeType::number), Value(std::numeric_limits<double>::infinity())),
            "accepted");
}

TEST(ResourceSchema, BooleanIsNothingElse) {
  const auto spec = spec_of(AttributeType::boolean);
  EXPECT_EQ(reason(spec, Value(true)), "accepted");
  EXPECT_EQ(reason(spec, Value(std::int64_t{1})), "expected bool");
  EXPECT_EQ(reason(spec, Value(std::string("true"))), "expected bool");
}

TEST(ResourceSchema, UuidInAnyFormOfPython) {
  const auto spec = spec_of(AttributeType::uuid);
  const auto id = std::get<Uuid>(
      check_attribute(spec, Value(std::string("{07EB339E-23c0-4be2-be43-cd8247afae3b}")), kNow));
  EXPECT_EQ(id.to_string(), "07eb339e-23c0-4be2-be43-cd8247afae3b");
  EXPECT_EQ(reason(spec, Value(std::string("really!"))), "badly formed hexadecimal UUID string");
  EXPECT_EQ(reason(spec, Value(std::int64_t{5})), "badly formed hexadecimal UUID string");
}

TEST(ResourceSchema, DatetimeMayBeTextSecondsOrRelative) {
  const auto spec = spec_of(AttributeType::datetime);
  const auto time = [&](const Value& value) {
    return std::get<Timestamp>(check_attribute(spec, value, kNow));
  };
  EXPECT_EQ(time(std::string("2017-05-02T11:11:11.123456Z")).time_since_epoch().count(),
            1'493'723'471'123'456'000);
  EXPECT_EQ(time(1388714522.0), Timestamp(std::chrono::seconds{1388714522}));
  EXPECT_EQ(time(std::int64_t{1388714522}), Timestamp(std::chrono::seconds{1388714522}));
  EXPECT_EQ(time(std::string("-1 minute")), kNow - std::chrono::minutes{1});
  EXPECT_EQ(reason(spec, Value(std::string("foo"))), "Unable to convert timestamps");
  EXPECT_EQ(reason(spec, Value(std::string("1960-01-01"))), "Timestamp must be after Epoch");
  EXPECT_EQ(reason(spec, Value()), "Unable to convert timestamps");
}

TEST(ResourceSchema, ReservedAndUnstorableNamesAreRefused) {
  for (const char* name :
       {"id", "type", "metrics", "revision_start", "project_id", "creator", "original_resource_id",
        "", "_a", "a/b", "a`b", "a'b", "ID", "Revision", "\xc3\xa9", "trailing "}) {
    EXPECT_EQ(reason_of([&] { check_attribute_name(name); }),
              std::string("Resource attribute name ") + name + " is invalid");
  }
  EXPECT_NE(reason_of([] { check_attribute_name(std::string(64, 'a')); }), "accepted");
  for (const char* name :
       {"host", "new-optional-bool", "0a", "server group", "disk.size", "Type"}) {
    EXPECT_EQ(reason_of([&] { check_attribute_name(name); }), "accepted") << name;
  }
}

TEST(ResourceSchema, NamesThatDifferInCaseOnlyClash) {
  EXPECT_NE(reason_of([] { check_attribute_names({{"Host", {}}, {"host", {}}}); }), "accepted");
  EXPECT_EQ(reason_of([] { check_attribute_names({{"host", {}}, {"hosts", {}}}); }), "accepted");
}

TEST(ResourceSchema, BoundsMustNotContradictThemselves) {
  auto text = spec_of(AttributeType::string);
  text.min_length = 5;
  text.max_length = 2;
  EXPECT_EQ(reason_of([&] { check_attribute_bounds(text); }),
            "Resource attribute value min (or min_length) 5 must be less  than or equal to max (or "
            "max_length) 2!");
  auto number = spec_of(AttributeType::number);
  number.min = 3.5;
  number.max = 3.5;
  EXPECT_EQ(reason_of([&] { check_attribute_bounds(number); }), "accepted");
}

TEST(ResourceSchema, RequiredAttributeNeedsFill) {
  auto spec = spec_of(AttributeType::boolean);
  EXPECT_EQ(reason_of([&] { check_fill("missing", spec, Value(), kNow); }),
            "Option 'fill' of resource attribute missing is invalid: must not be empty if "
            "required=True");
  EXPECT_EQ(reason_of([] {
              check_fill("n", spec_of(AttributeType::number), Value(std::string("a-string")), kNow);
            }),
            "Option 'fill' of resource attribute n is invalid: expected Real");
  spec.required = false;
  EXPECT_EQ(check_fill("b", spec, Value(), kNow), Value());
  EXPECT_EQ(check_fill("b", spec, Value(true), kNow), Value(true));
}

TEST(ResourceSchema, TypeNamesArePathSegments) {
  EXPECT_EQ(reason_of([] { check_type_name("instance"); }), "accepted");
  EXPECT_NE(reason_of([] { check_type_name(""); }), "accepted");
  EXPECT_NE(reason_of([] { check_type_name("a/b"); }), "accepted");
  EXPECT_NE(reason_of([] { check_type_name(std::string(256, 'n')); }), "accepted");
}

}  // namespace
}  // namespace gnocchi::index
