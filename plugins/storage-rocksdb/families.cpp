#include "families.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <memory>

#include "measure_codec.h"
#include "memory_table.h"
#include "patch_merge.h"
#include "split_keys.h"

namespace gnocchi::rocks {
namespace {

/// About one key in a hundred that is not there costs a look into a block.
constexpr double kFilterBits = 10;
constexpr std::size_t kSmallBlock = 4U << 10;
/// A few compressed splits: larger blocks compress little better and cost a reader of one more.
constexpr std::size_t kSplitBlock = 16U << 10;
/// The log is given up when what it holds is in tables, at the latest when it has grown to so many
/// times the write buffer, which bounds the time of a start after a crash.
constexpr std::size_t kLogOfBuffers = 4;
/// Bytes of the write buffer for each bucket of a table of hashes: one record or two.
constexpr std::size_t kBufferOfABucket = 1024;
constexpr std::size_t kMostBuckets = 1U << 20;

void compress(rocksdb::ColumnFamilyOptions& family, Compression compression) {
  family.compression =
      compression == Compression::none ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
  family.bottommost_compression =
      compression == Compression::zstd ? rocksdb::kZSTD : rocksdb::kDisableCompressionOption;
}

rocksdb::ColumnFamilyOptions family_options(const DatabaseOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            std::size_t block_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // In parts of a few KiB: a whole filter of a million metrics would be more than the cache's shard
  // holds, and be read and unpacked by each request again.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kFilterBits));
  table.block_size = block_bytes;
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.write_buffer_size = options.write_buffer_bytes;
  family.target_file_size_base = options.write_buffer_bytes;
  family.max_bytes_for_level_base = 4 * options.write_buffer_bytes;
  family.level_compaction_dynamic_level_bytes = true;
  compress(family, options.compression);
  return family;
}

/// Keys of metrics are looked for and added by metric: in memory, that is one step in a table of
/// hashes, and many in an ordered list.
void look_up_by_hash(rocksdb::ColumnFamilyOptions& family, const DatabaseOptions& options) {
  family.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kMetricKeyBytes));
  family.memtable_factory =
      make_memory_tables(std::min(options.write_buffer_bytes / kBufferOfABucket, kMostBuckets));
}

}  // namespace

rocksdb::DBOptions database_settings(const DatabaseOptions& options, bool create) {
  rocksdb::DBOptions db;
  db.create_if_missing = create;
  db.create_missing_column_families = create;
  db.max_open_files = options.max_open_files;
  // Else a start makes sixteen threads for each family, to open what is a handful of tables.
  db.max_file_opening_threads = 1;
  db.max_background_jobs = options.background_jobs;
  db.db_write_buffer_size = options.write_buffer_bytes;
  db.max_total_wal_size = kLogOfBuffers * options.write_buffer_bytes;
  db.allow_concurrent_memtable_write = false;  // which tables of hashes cannot have
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const DatabaseOptions& options) {
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  const auto usual = family_options(options, cache, kSmallBlock);
  auto metrics = usual;
  look_up_by_hash(metrics, options);
  auto splits = family_options(options, cache, kSplitBlock);
  splits.merge_operator = std::make_shared<PatchMerge>();
  look_up_by_hash(splits, options);
  auto names = usual;
  look_up_by_hash(names, options);
  auto measures = usual;
  // Of a group of sacks, each entry comes behind the one before: no need to look for its place.
  measures.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewFixedPrefixTransform(sizeof(MeasureKey::group)));
  return {{rocksdb::kDefaultColumnFamilyName, usual},
          {"metrics", metrics},
          {"splits", splits},
          {"names", names},
          {"measures", measures}};
}

}  // namespace gnocchi::rocks
