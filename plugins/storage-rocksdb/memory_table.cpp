#include "memory_table.h"

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>

#include "pages_ahead.h"

namespace gnocchi::rocks {
namespace {

/// Of one metric; more stand in an ordered list of their own.
constexpr std::uint32_t kMostInARow = 16;

/// An entry begins with the length of its key, a varint, and the key. Whether that length is one
/// byte, as it is of all keys but those of splits of methods with absurd names.
bool has_short_key(const char* entry) { return static_cast<unsigned char>(*entry) < 0x80; }

/// The first half of the id that a short key begins with, in the order of keys.
std::uint64_t head_of(const char* entry) {
  std::uint64_t head = 0;
  std::memcpy(&head, entry + 1, sizeof head);
  if constexpr (std::endian::native == std::endian::little) head = __builtin_bswap64(head);
  return head;
}

/// The order of entries, nearly always by the first half of an id.
class ByHead final : public rocksdb::MemTableRep::KeyComparator {
 public:
  explicit ByHead(const KeyComparator& whole) : whole_(whole) {}

  int operator()(const char* a, const char* b) const override {
    if (has_short_key(a) && has_short_key(b)) {
      const std::uint64_t head_a = head_of(a);
      const std::uint64_t head_b = head_of(b);
      if (head_a != head_b) return head_a < head_b ? -1 : 1;
    }
    return whole_(a, b);
  }
  int operator()(const char* entry, const rocksdb::Slice& key) const override {
    return whole_(entry, key);
  }

 private:
  const KeyComparator& whole_;
};

/// One writer, any readers beside it, as both parts are. The table of hashes is made with the first
/// entry: it is large, and a start would fill one for each family with nothing.
class MemoryTable final : public rocksdb::MemTableRep {
 public:
  MemoryTable(rocksdb::MemTableRepFactory& by_hash, rocksdb::MemTableRepFactory& in_order,
              const KeyComparator& compare, rocksdb::Allocator* allocator,
              const rocksdb::SliceTransform* prefix, rocksdb::Logger* logger)
      : MemTableRep(allocator),
        by_head_(compare),
        make_by_hash_([&by_hash, &compare, allocator, prefix, logger] {
          return by_hash.CreateMemTableRep(compare, allocator, prefix, logger);
        }),
        in_order_(in_order.CreateMemTableRep(by_head_, allocator, prefix, logger)) {}

  rocksdb::KeyHandle Allocate(std::size_t size, char** entry) override {
    if (!by_hash_) {
      by_hash_.reset(make_by_hash_());
      for_readers_.store(by_hash_.get(), std::memory_order_release);
    }
    const rocksdb::KeyHandle handle = by_hash_->Allocate(size, entry);
    allocated_ = *entry;
    pages_.reach(*entry, size);
    return handle;
  }
  /// What was allocated last.
  void Insert(rocksdb::KeyHandle handle) override {
    by_hash_->Insert(handle);
    in_order_->Insert(allocated_);
  }
  bool Contains(const char* entry) const override {
    const MemTableRep* const entries = by_hash();
    return entries != nullptr && entries->Contains(entry);
  }
  void MarkReadOnly() override {
    if (MemTableRep* const entries = by_hash()) entries->MarkReadOnly();
    in_order_->MarkReadOnly();
  }
  void MarkFlushed() override {
    if (MemTableRep* const entries = by_hash()) entries->MarkFlushed();
    in_order_->MarkFlushed();
  }
  void Get(const rocksdb::LookupKey& key, void* argument,
           bool (*take)(void*, const char*)) override {
    if (MemTableRep* const entries = by_hash()) entries->Get(key, argument, take);
  }
  std::size_t ApproximateMemoryUsage() override {
    MemTableRep* const entries = by_hash();
    return (entries == nullptr ? 0 : entries->ApproximateMemoryUsage()) +
           in_order_->ApproximateMemoryUsage();
  }
  Iterator* GetIterator(rocksdb::Arena* arena) override { return in_order_->GetIterator(arena); }
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    MemTableRep* const entries = by_hash();
    return entries == nullptr ? GetIterator(arena) : entries->GetDynamicPrefixIterator(arena);
  }

 private:
  /// Null while nothing was added.
  MemTableRep* by_hash() const noexcept { return for_readers_.load(std::memory_order_acquire); }

  ByHead by_head_;
  const std::function<MemTableRep*()> make_by_hash_;
  std::unique_ptr<MemTableRep> by_hash_;  // the writer's
  std::atomic<MemTableRep*> for_readers_ = nullptr;
  std::unique_ptr<MemTableRep> in_order_;
  // The writer's:
  char* allocated_ = nullptr;
  PagesAhead pages_;
};

class MemoryTables final : public rocksdb::MemTableRepFactory {
 public:
  explicit MemoryTables(std::size_t buckets)
      : by_hash_(rocksdb::NewHashLinkListRepFactory(buckets, 0, 0, false, kMostInARow)) {}

  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& compare,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform* prefix,
                                          rocksdb::Logger* logger) override {
    return new MemoryTable(*by_hash_, in_order_, compare, allocator, prefix, logger);
  }
  const char* Name() const override { return "gnocchi.MemoryTables"; }

 private:
  std::unique_ptr<rocksdb::MemTableRepFactory> by_hash_;
  rocksdb::VectorRepFactory in_order_;
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> make_memory_tables(std::size_t buckets) {
  return std::make_shared<MemoryTables>(buckets);
}

}  // namespace gnocchi::rocks
