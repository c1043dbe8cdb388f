#include "memory_table.h"

#include <rocksdb/db.h>
#include <rocksdb/slice_transform.h>

#include <map>
#include <string>

#include "split_keys.h"
#include "support.h"

namespace gnocchi::rocks::test {
namespace {

using Contents = std::map<std::string, std::string>;

std::unique_ptr<rocksdb::DB> open_with_memory_tables(const std::filesystem::path& path,
                                                     std::size_t buckets = 64) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.allow_concurrent_memtable_write = false;
  options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kMetricKeyBytes));
  options.memtable_factory = make_memory_tables(buckets);
  rocksdb::DB* opened = nullptr;
  EXPECT_TRUE(rocksdb::DB::Open(options, path, &opened).ok());
  return std::unique_ptr<rocksdb::DB>(opened);
}

/// A metric's key, with what a split's key has behind it.
std::string key_of_metric(const MetricId& metric, const std::string& rest) {
  return std::string(metric_key(metric)) + rest;
}

/// Metrics, many of which are alike in the first half of their ids; with keys of all lengths.
Contents many_keys() {
  Contents keys;
  Uuid id = Uuid::random();
  for (int i = 0; i < 2000; ++i) {
    const Uuid other = Uuid::random();
    if (i % 3 == 0) id = other;
    std::copy(other.bytes.begin() + 8, other.bytes.end(), id.bytes.begin() + 8);
    const std::string rest(static_cast<std::size_t>(i % 7 == 0 ? i % 300 : i % 20), 'r');
    keys.emplace(key_of_metric(MetricId(id), rest), std::to_string(i));
  }
  return keys;
}

Contents all_of(rocksdb::DB& db, std::string& order) {
  rocksdb::ReadOptions how;
  how.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(how));
  Contents found;
  std::string before;
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const std::string key = at->key().ToString();
    if (key <= before) order = "not ascending at " + std::to_string(found.size());
    before = key;
    found.emplace(key, at->value().ToString());
  }
  return found;
}

TEST(RocksMemoryTable, AllEntriesAreWalkedInOrderBeforeAndAfterTheyAreWrittenOut) {
  const TemporaryDirectory directory;
  const auto db = open_with_memory_tables(directory.path / "db");
  const Contents keys = many_keys();
  for (const auto& [key, value] : keys) ASSERT_TRUE(db->Put({}, key, "old").ok());
  for (const auto& [key, value] : keys) ASSERT_TRUE(db->Put({}, key, value).ok());
  std::string order;
  EXPECT_EQ(all_of(*db, order), keys);
  ASSERT_TRUE(db->Flush({}).ok());
  EXPECT_EQ(all_of(*db, order), keys);
  EXPECT_EQ(order, "");
}

TEST(RocksMemoryTable, TheNewestOfAKeyIsFoundAndWhatAWalkBeganWithStays) {
  const TemporaryDirectory directory;
  const auto db = open_with_memory_tables(directory.path / "db");
  const std::string key = key_of_metric(MetricId(Uuid::random()), "");
  ASSERT_TRUE(db->Put({}, key, "1").ok());
  rocksdb::ReadOptions how;
  how.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> walk(db->NewIterator(how));
  ASSERT_TRUE(db->Put({}, key, "2").ok());
  std::string value;
  ASSERT_TRUE(db->Get({}, key, &value).ok());
  EXPECT_EQ(value, "2");
  walk->SeekToFirst();
  ASSERT_TRUE(walk->Valid());
  EXPECT_EQ(walk->value().ToString(), "1");
  ASSERT_TRUE(db->Delete({}, key).ok());
  EXPECT_TRUE(db->Get({}, key, &value).IsNotFound());
  EXPECT_TRUE(db->Get({}, key_of_metric(MetricId(Uuid::random()), ""), &value).IsNotFound());
}

std::uint64_t bytes_in_memory(rocksdb::DB& db) {
  std::uint64_t bytes = 0;
  EXPECT_TRUE(db.GetIntProperty(rocksdb::DB::Properties::kCurSizeActiveMemTable, &bytes));
  return bytes;
}

TEST(RocksMemoryTable, BeforeItsFirstEntryItTakesLittleMemoryAndHasNothing) {
  const TemporaryDirectory directory;
  constexpr std::size_t kBuckets = 1U << 17;
  const auto db = open_with_memory_tables(directory.path / "db", kBuckets);
  const std::string key = key_of_metric(MetricId(Uuid::random()), "");
  std::string value;
  EXPECT_TRUE(db->Get({}, key, &value).IsNotFound());
  const std::unique_ptr<rocksdb::Iterator> of_metric(db->NewIterator({}));
  of_metric->Seek(key);
  EXPECT_FALSE(of_metric->Valid());
  std::string order;
  EXPECT_EQ(all_of(*db, order), Contents{});
  EXPECT_TRUE(db->Flush({}).ok());
  EXPECT_LT(bytes_in_memory(*db), kBuckets);
  ASSERT_TRUE(db->Put({}, key, "1").ok());
  EXPECT_GT(bytes_in_memory(*db), kBuckets * sizeof(void*));
  EXPECT_EQ(all_of(*db, order), (Contents{{key, "1"}}));
  of_metric->Seek(key);
  EXPECT_FALSE(of_metric->Valid()) << "a walk sees what was there when it began";
}

TEST(RocksMemoryTable, AMetricsKeysAreWalkedByThemselves) {
  const TemporaryDirectory directory;
  const auto db = open_with_memory_tables(directory.path / "db");
  const MetricId metric(Uuid::random());
  for (const auto& [key, value] : many_keys()) ASSERT_TRUE(db->Put({}, key, value).ok());
  for (int i = 0; i < 40; ++i) {  // more than stand in a row
    ASSERT_TRUE(
        db->Put({}, key_of_metric(metric, std::string(1, static_cast<char>('a' + i))), "").ok());
  }
  const std::unique_ptr<rocksdb::Iterator> at(db->NewIterator({}));
  const std::string prefix = key_of_metric(metric, "");
  int found = 0;
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    EXPECT_EQ(at->key().ToString().substr(kMetricKeyBytes),
              std::string(1, static_cast<char>('a' + found)));
    ++found;
  }
  EXPECT_EQ(found, 40);
}

}  // namespace
}  // namespace gnocchi::rocks::test
