#pragma once

#include <rocksdb/merge_operator.h>

#include <string>

#include "gnocchi/types.h"

namespace gnocchi::rocks {

/// Adds the patch of `data` at `offset` bytes to an operand (docs/formats/rocksdb.md, "Patches").
void append_patch(std::string& operand, std::uint64_t offset, BytesView data);

/// The same, so that it becomes one with the operand's last patch, if they touch each other.
void add_patch(std::string& operand, std::uint64_t offset, BytesView data);

/// How long that makes the operand, in bytes: this or a few less.
std::size_t size_with_patch(BytesView operand, std::uint64_t offset, std::size_t size);

/// Applies an operand's patches in their order; what lies between the old end and a patch becomes
/// zeros. False, with `object` in any state: the operand is no such thing.
[[nodiscard]] bool apply_patches(BytesView operand, std::string& object);

/// RocksDB's side of it: padded splits are patched without being read. It never looks at the
/// object's form; who writes a patch has made sure that the object is padded or absent.
class PatchMerge final : public rocksdb::MergeOperator {
 public:
  bool FullMergeV2(const MergeOperationInput& input, MergeOperationOutput* output) const override;
  bool PartialMergeMulti(const rocksdb::Slice& key, const std::deque<rocksdb::Slice>& operands,
                         std::string* merged, rocksdb::Logger* logger) const override;
  /// Part of the format: RocksDB refuses to open the data with another one.
  const char* Name() const override { return "gnocchi.patch.1"; }
};

}  // namespace gnocchi::rocks
