#include "core/index/resource_id.h"

#include <gtest/gtest.h>

#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

std::string refusal_of(std::string_view original) {
  try {
    resource_id(original, "foobar");
  } catch (const Refused& fault) {
    EXPECT_EQ(fault.reason(), Refused::Reason::invalid_value);
    return fault.what();
  }
  return "accepted";
}

TEST(ResourceId, NameAndCreatorGiveGnocchisUuid) {
  EXPECT_EQ(resource_id("foobar", "foobar").to_string(), "2fbfbb20-8d56-5e1e-afb9-b3007da11fdf");
  EXPECT_EQ(resource_id("vm1", "foobar").to_string(), "fb324d9e-2dbc-508c-a594-d85bf324ea9e");
  EXPECT_EQ(resource_id("", "foobar").to_string(), "52d76ec6-bfb3-51d0-bf4f-65134f4f848f");
}

TEST(ResourceId, TwoCreatorsMayUseOneName) {
  EXPECT_NE(resource_id("generic zero", "foobar"), resource_id("generic zero", "pasta"));
}

TEST(ResourceId, UuidStaysWhatItIs) {
  constexpr char kId[] = "75c44741-cc60-4033-804e-2d3098c7d2e9";
  EXPECT_EQ(resource_id("75C44741-CC60-4033-804E-2D3098C7D2E9", "a").to_string(), kId);
  EXPECT_EQ(resource_id("75c44741cc604033804e2d3098c7d2e9", "b").to_string(), kId);
}

TEST(ResourceId, SlashIsRefused) {
  EXPECT_EQ(refusal_of("id-with-/"), "'/' is not supported in resource id");
}

TEST(ResourceId, LengthIsCountedInCharacters) {
  EXPECT_EQ(refusal_of(std::string(289, 'x')), "accepted");
  EXPECT_EQ(refusal_of(std::string(290, 'x')),
            "transformable resource id >255 max allowed characters");
  std::string umlauts;
  for (int i = 0; i < 289; ++i) umlauts += "\xc3\xbc";
  EXPECT_EQ(refusal_of(umlauts), "accepted");
}

TEST(ResourceId, SchemeOf30LeavesTheCreatorOut) {
  const IdRules old{"foobar", IdScheme::without_creator};
  // uuid.uuid5(uuid.UUID("0a7a15ff-aa13-4ac2-897c-9bdf30ce175b"), "vm1")
  EXPECT_EQ(resource_id("vm1", old).to_string(), "bc35996f-20f2-556d-b9a5-74bf74aa9961");
  EXPECT_EQ(resource_id("vm1", old), resource_id("vm1", {"pasta", IdScheme::without_creator}));
  EXPECT_EQ(resource_id("disk/vda", old).to_string(), "c22bff29-8b90-5c93-b9af-e2bb2ce44c86");
}

TEST(ResourceId, CandidatesAreTheIdsOfBothSchemes) {
  const IdRules now{"foobar"};
  const IdRules old{"foobar", IdScheme::without_creator};
  const IdCandidates today = id_candidates("vm1", now);
  EXPECT_EQ(today.id, resource_id("vm1", now));
  EXPECT_EQ(today.other, resource_id("vm1", old));
  const IdCandidates before = id_candidates("vm1", old);
  EXPECT_EQ(before.id, *today.other);
  EXPECT_EQ(before.other, today.id);
  EXPECT_FALSE(id_candidates("75c44741-cc60-4033-804e-2d3098c7d2e9", now).other);
}

}  // namespace
}  // namespace gnocchi::index
