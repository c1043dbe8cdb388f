#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gnocchi/naming.h"

namespace gnocchi::rocks {

/// The newest splits of a metric that are known to be stored in padded form and to be listed by
/// name, so that they can be patched without looking at them; and their newest patches, which wait
/// here until there are enough of them to be worth a key of each split. Being here is a promise;
/// not being here says nothing.
class OpenSplits {
 public:
  /// Patches that are to go to a split now.
  struct Spilled {
    std::string place;    ///< the split's key without its metric
    std::string patches;  ///< an operand of PatchMerge
  };

  bool contains(const SplitKey& key) const;
  /// The patches of what this puts out of the list: of a granularity, the newest two starts stay.
  [[nodiscard]] std::vector<Spilled> add(const SplitKey& key);
  /// Forgets the split, and its patches.
  void remove(const SplitKey& key);

  /// Keeps a patch of a split, the only one since take() or spill(). False: the split is not here.
  [[nodiscard]] bool patch(const SplitKey& key, std::uint64_t offset, BytesView data);
  /// How much all patches are, in bytes: this or a little less.
  std::size_t patch_bytes() const noexcept;
  /// Gives all patches away.
  [[nodiscard]] std::vector<Spilled> spill();

  /// To the end of `out`; `scratch` is overwritten.
  void encode(std::string& out, std::string& scratch) const;
  /// nullopt: no such thing.
  static std::optional<OpenSplits> take(BytesView& in);
  /// The patches of one split in what encode() wrote: empty if there are none; nullopt: as above.
  static std::optional<BytesView> find_patches(BytesView encoded, const SplitKey& key);

 private:
  struct Method {
    std::string code;   ///< put_method()
    BytesView patches;  ///< before the fresh one
    std::optional<std::uint64_t> fresh_offset;
    BytesView fresh;

    /// `operand` becomes all patches.
    void collect(std::string& operand) const;
  };
  /// The splits of one granularity and start.
  struct Group {
    std::int64_t granularity_ns = 0;
    std::int64_t start_ns = 0;
    std::vector<Method> methods;

    bool holds(const SplitKey& key) const noexcept;
  };
  /// Of groups, const or not; null: not here.
  template <class Groups>
  static auto find(Groups& groups, const SplitKey& key) -> decltype(groups.front().methods.data());
  static void spill(Group& group, std::vector<Spilled>& spilled);

  std::vector<Group> groups_;
};

}  // namespace gnocchi::rocks
