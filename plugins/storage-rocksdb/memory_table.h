#pragma once

#include <rocksdb/memtablerep.h>

#include <cstddef>
#include <memory>

namespace gnocchi::rocks {

/// Memory tables for keys that begin with a metric's id: entries are looked up by hash, and put in
/// order at once when all are walked, as for writing them out. A table of hashes alone makes an
/// ordered list of all its entries for that, one by one.
std::shared_ptr<rocksdb::MemTableRepFactory> make_memory_tables(std::size_t buckets);

}  // namespace gnocchi::rocks
