// Keys, records and patches as docs/formats/rocksdb.md has them.
#include <algorithm>
#include <deque>
#include <random>

#include "measure_codec.h"
#include "metric_record.h"
#include "patch_merge.h"
#include "split_keys.h"
#include "support.h"

namespace gnocchi::rocks::test {
namespace {

using namespace std::chrono_literals;

MetricId metric_of(std::uint8_t first) {
  MetricId metric;
  metric.bytes = {first, 0x1c, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  return metric;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text;
}

TEST(RocksFormats, AKeyIsMetricGranularityStartAndMethod) {
  EXPECT_EQ(hex(split_key(metric_of(0x5f), key_of("mean", 1, 1))),
            "5f1c030405060708090a0b0c0d0e0f10"
            "800000003b9aca00"
            "800000003b9aca00"
            "05");
  EXPECT_EQ(hex(split_key(metric_of(0x5f), key_of("rate:mean", 0, 1))).substr(64), "85");
  EXPECT_EQ(hex(split_key(metric_of(0x5f), key_of("95pct", 0, 1))).substr(64), "00053935706374");
}

TEST(RocksFormats, EveryMethodsKeyGivesItsNameBack) {
  const MetricId metric = metric_of(1);
  for (const char* method :
       {"count", "first", "last", "max", "mean", "median", "min", "nunique", "std", "sum",
        "cardinality", "rate:last", "1pct", "95pct", "99pct", "rate:50pct", "rate:", "made-up"}) {
    for (const auto granularity : {1ns, Timespan(500ms), Timespan(3600s)}) {
      const SplitKey split{Timestamp(1'420'128'000s + 300ms), granularity, method};
      EXPECT_EQ(parse_split_key_of(metric, split_key(metric, split)), split) << method;
    }
  }
}

TEST(RocksFormats, WhatIsNoKeyIsRefused) {
  const MetricId metric = metric_of(1);
  const std::string key = split_key(metric, key_of("95pct"));
  EXPECT_EQ(parse_split_key_of(metric_of(2), key), std::nullopt);
  for (std::size_t size = 0; size < key.size(); ++size) {
    EXPECT_EQ(parse_split_key_of(metric, key.substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(parse_split_key_of(metric, key + "x"), std::nullopt);
  EXPECT_EQ(parse_split_key_of(metric, split_key(metric, key_of("mean")).replace(32, 1, "\x7f")),
            std::nullopt);
}

TEST(RocksFormats, KeysOfAGroupOfSacksAreInTheOrderOfTheirNumbers) {
  std::vector<std::string> keys;
  for (const std::uint32_t group : {0U, 1U, 255U, 256U, 65535U}) {
    for (const std::uint64_t sequence : {1ULL, 2ULL, 255ULL, 256ULL, 1ULL << 40}) {
      keys.push_back(encode_key({group, sequence}));
      const auto back = decode_key(keys.back());
      ASSERT_TRUE(back);
      EXPECT_EQ(back->group, group);
      EXPECT_EQ(back->sequence, sequence);
    }
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_EQ(decode_key(keys.back() + "x"), std::nullopt);
}

using Taken = std::vector<std::pair<SackNumber, Bundle>>;

bool take_all(std::uint32_t group, BytesView entry, Taken& taken) {
  bool sound = true;
  sound &= for_each_section(group, entry, [&](SackNumber sack, BytesView section) {
    sound &= for_each_bundle(section, [&](const MetricId& metric, BytesView data) {
      taken.push_back({sack, {metric, Bytes(data)}});
    });
  });
  return sound;
}

TEST(RocksFormats, AnEntryHasASectionForEachSackOfItsGroup) {
  constexpr std::uint32_t kManySacks = 40;
  std::vector<Bundle> bundles;
  for (std::uint8_t i = 0; i < 100; ++i) bundles.push_back({metric_of(i), std::string(i * 3, 'x')});
  bundles.push_back({metric_of(7), "once more"});
  Taken taken;
  std::vector<std::uint32_t> groups;
  for_each_entry(bundles, kManySacks, [&](std::uint32_t group, BytesView entry) {
    groups.push_back(group);
    const std::size_t before = taken.size();
    ASSERT_TRUE(take_all(group, entry, taken));
    for (std::size_t i = before; i < taken.size(); ++i) {
      EXPECT_EQ(taken[i].first, sack_of(taken[i].second.metric, kManySacks));
      EXPECT_EQ(taken[i].first.value / kSacksOfAGroup, group);
    }
    Taken cut;
    EXPECT_FALSE(take_all(group, entry.substr(0, entry.size() - 1), cut));
  });
  EXPECT_EQ(groups, (std::vector<std::uint32_t>{0, 1, 2}));
  ASSERT_EQ(taken.size(), bundles.size());
  std::vector<Bytes> of_seven;
  for (const auto& [sack, bundle] : taken) {
    if (bundle.metric == metric_of(7)) of_seven.push_back(bundle.data);
  }
  EXPECT_EQ(of_seven, (std::vector<Bytes>{std::string(21, 'x'), "once more"})) << "their order";
}

TEST(RocksFormats, AnEntryOfASackThatItsGroupDoesNotHaveIsNone) {
  EXPECT_FALSE(for_each_section(0, std::string("\x10\0", 2), [](SackNumber, BytesView) {}));
}

void add_all(OpenSplits& open, const std::vector<SplitKey>& keys) {
  for (const SplitKey& key : keys) EXPECT_TRUE(open.add(key).empty()) << "nothing has patches";
}

TEST(RocksFormats, ARecordKeepsVersionOpenSplitsAndRawSeries) {
  MetricRecord record;
  record.version = 0x0102030405060708;
  record.has_raw = true;
  record.raw = "raw series";
  add_all(record.open, {key_of("mean", 3600), key_of("95pct", 3600), key_of("mean", 0, 1)});
  const std::string bytes = record.encode();
  EXPECT_EQ(hex(bytes.substr(0, 9)), "010102030405060708");
  for (const MetricRecord& back :
       {MetricRecord::decode(metric_of(1), bytes), MetricRecord::decode_raw(metric_of(1), bytes)}) {
    EXPECT_EQ(back.version, record.version);
    EXPECT_TRUE(back.has_raw);
    EXPECT_EQ(back.raw, "raw series");
  }
  const MetricRecord back = MetricRecord::decode(metric_of(1), bytes);
  EXPECT_TRUE(back.open.contains(key_of("mean", 3600)));
  EXPECT_TRUE(back.open.contains(key_of("95pct", 3600)));
  EXPECT_TRUE(back.open.contains(key_of("mean", 0, 1)));
  EXPECT_FALSE(back.open.contains(key_of("mean", 0)));
  EXPECT_FALSE(back.open.contains(key_of("max", 3600)));
}

TEST(RocksFormats, ARecordKeepsThePatchesOfEachOpenSplit) {
  MetricRecord record;
  record.has_raw = true;
  record.raw = "raw series";
  add_all(record.open, {key_of("mean"), key_of("95pct"), key_of("mean", 3600)});
  ASSERT_TRUE(record.open.patch(key_of("mean"), 9, "one"));
  ASSERT_TRUE(record.open.patch(key_of("95pct"), 18, "two"));
  EXPECT_FALSE(record.open.patch(key_of("max"), 0, "not open"));
  const std::string before = record.encode();
  MetricRecord next = MetricRecord::decode(metric_of(1), before);
  ASSERT_TRUE(next.open.patch(key_of("mean"), 12, "next"));
  const std::string bytes = next.encode();
  std::string one, two;
  append_patch(one, 9, "onenext");
  append_patch(two, 18, "two");
  EXPECT_EQ(MetricRecord::find_patches(metric_of(1), bytes, key_of("mean")), one);
  EXPECT_EQ(MetricRecord::find_patches(metric_of(1), bytes, key_of("95pct")), two);
  EXPECT_EQ(MetricRecord::find_patches(metric_of(1), bytes, key_of("mean", 3600)), "");
  EXPECT_EQ(MetricRecord::find_patches(metric_of(1), bytes, key_of("max")), "");

  MetricRecord back = MetricRecord::decode(metric_of(1), bytes);
  EXPECT_EQ(back.encode(), bytes);
  EXPECT_EQ(back.open.patch_bytes(), one.size() + two.size());
  const auto spilled = back.open.spill();
  ASSERT_EQ(spilled.size(), 2U);
  EXPECT_EQ(metric_of(1).raw() + spilled[0].place, split_key(metric_of(1), key_of("mean")));
  EXPECT_EQ(spilled[0].patches, one);
  EXPECT_EQ(metric_of(1).raw() + spilled[1].place, split_key(metric_of(1), key_of("95pct")));
  EXPECT_EQ(spilled[1].patches, two);
  EXPECT_EQ(back.open.patch_bytes(), 0U);
  EXPECT_TRUE(back.open.contains(key_of("mean"))) << "open still";
}

TEST(RocksFormats, ADamagedRecordIsCorruptData) {
  MetricRecord record;
  record.version = 7;
  add_all(record.open, {key_of("mean")});
  ASSERT_TRUE(record.open.patch(key_of("mean"), 9, "patch"));
  const std::string bytes = record.encode();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = bytes.substr(0, size);
    expect_error(Error::Code::corrupt_data, "its record in RocksDB is damaged",
                 [&] { MetricRecord::decode(metric_of(1), cut); });
    expect_error(Error::Code::corrupt_data, "its record in RocksDB is damaged",
                 [&] { MetricRecord::find_patches(metric_of(1), cut, key_of("mean")); });
  }
  std::string other = bytes;
  other[0] = 9;
  expect_error(Error::Code::corrupt_data, metric_of(1).to_string(),
               [&] { MetricRecord::decode(metric_of(1), other); });
}

TEST(RocksFormats, OfAGranularityTheTwoNewestOpenSplitsAreRemembered) {
  OpenSplits open;
  add_all(open, {key_of("mean", 3), key_of("mean", 1)});
  ASSERT_TRUE(open.patch(key_of("mean", 1), 9, "patch"));
  const auto spilled = open.add(key_of("mean", 2));
  ASSERT_EQ(spilled.size(), 1U) << "what is forgotten gives its patches away";
  EXPECT_EQ(metric_of(1).raw() + spilled[0].place, split_key(metric_of(1), key_of("mean", 1)));
  add_all(open, {key_of("mean", 0, 1), key_of("max", 1)});
  EXPECT_FALSE(open.contains(key_of("mean", 1)));
  EXPECT_FALSE(open.contains(key_of("max", 1))) << "older than both";
  EXPECT_TRUE(open.contains(key_of("mean", 2)));
  EXPECT_TRUE(open.contains(key_of("mean", 3)));
  EXPECT_TRUE(open.contains(key_of("mean", 0, 1)));
  open.remove(key_of("mean", 3));
  EXPECT_FALSE(open.contains(key_of("mean", 3)));
}

TEST(RocksFormats, PatchesAddedOneByOneDoWhatTheyDoInOrder) {
  std::mt19937_64 random(20240102);
  for (int round = 0; round < 500; ++round) {
    std::string expected;
    std::string operand;
    for (std::uint64_t i = 0; i < 1 + random() % 8; ++i) {
      const std::uint64_t offset = random() % 60;
      const std::string data(1 + random() % 20, static_cast<char>('a' + i));
      add_patch(operand, offset, data);
      if (expected.size() < offset + data.size()) expected.resize(offset + data.size(), '\0');
      expected.replace(offset, data.size(), data);
    }
    std::string object;
    ASSERT_TRUE(apply_patches(operand, object));
    ASSERT_EQ(object, expected) << "round " << round;
  }
  std::string cell_by_cell, at_once;
  for (std::uint64_t i = 0; i < 10; ++i) add_patch(cell_by_cell, 90 + i * 9, "123456789");
  add_patch(cell_by_cell, 99, "ABCDEFGHI");
  std::string cells;
  for (int i = 0; i < 10; ++i) cells += i == 1 ? "ABCDEFGHI" : "123456789";
  append_patch(at_once, 90, cells);
  EXPECT_EQ(cell_by_cell, at_once);
}

TEST(RocksFormats, MergedPatchesDoWhatTheyDoOneByOne) {
  std::mt19937_64 random(20240101);
  for (int round = 0; round < 500; ++round) {
    std::string expected(random() % 40, 'o');
    std::string base = expected;
    std::deque<std::string> operands;
    std::deque<rocksdb::Slice> slices;
    for (std::uint64_t i = 0; i < 1 + random() % 6; ++i) {
      std::string& operand = operands.emplace_back();
      const std::uint64_t offset = random() % 60;
      const std::string data(random() % 20, static_cast<char>('a' + i));
      append_patch(operand, offset, data);
      if (expected.size() < offset + data.size()) expected.resize(offset + data.size(), '\0');
      expected.replace(offset, data.size(), data);
    }
    slices.assign(operands.begin(), operands.end());
    std::string merged;
    ASSERT_TRUE(PatchMerge().PartialMergeMulti("", slices, &merged, nullptr));
    std::string object = base;
    ASSERT_TRUE(apply_patches(merged, object));
    ASSERT_EQ(object, expected) << "round " << round;
  }
}

TEST(RocksFormats, NeighbouringPatchesBecomeOne) {
  std::string a, b, both, merged;
  append_patch(a, 100, "first");
  append_patch(b, 105, "next");
  append_patch(both, 100, "firstnext");
  ASSERT_TRUE(PatchMerge().PartialMergeMulti("", {a, b}, &merged, nullptr));
  EXPECT_EQ(merged, both);
}

TEST(RocksFormats, ADamagedPatchIsRefused) {
  std::string operand, object;
  append_patch(operand, 3, "data");
  operand.pop_back();
  EXPECT_FALSE(apply_patches(operand, object));
  operand.clear();
  append_patch(operand, std::uint64_t{1} << 60, "far away");
  EXPECT_FALSE(apply_patches(operand, object));
}

}  // namespace
}  // namespace gnocchi::rocks::test
