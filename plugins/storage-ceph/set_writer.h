#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flight.h"
#include "gnocchi/storage.h"
#include "raw_object.h"
#include "split_versions.h"

namespace gnocchi::ceph {

/// Writes what a pass changes, all metrics together. No object is written but on a condition: the
/// raw series is the one that the pass began with, a split is as it is known to be.
///
/// A split is known if this process has written it last, in the passes up to the one that wrote
/// that raw series (SplitVersions), or if it is to be a new one. Then a metric costs one operation
/// for each of its splits and one for the raw series. Others are looked at first, and then the raw
/// object is claimed: it gets a new version. Whoever has begun with the old one cannot commit any
/// more; what he had written of the splits before we looked is to be made anew, and what he writes
/// later, or we if he was the later one, meets a version that it does not expect. So a worker that
/// stood still, wherever it did and however long, changes nothing over its successor's work.
///
/// Five rounds, again for those metrics where a condition did not hold; the operations of a round
/// are on the way at once:
///
/// 1. look at splits that are not known;
/// 2. claim the raw object if there were some; where whole splits are to be replaced or removed,
/// see
///    at least that it is as expected;
/// 3. patch;
/// 4. replace and remove;
/// 5. commit: the raw series with the list of splits.
///
/// One thread, one use.
class SetWriter {
 public:
  SetWriter(const Cluster& cluster, OperationCounts& counts, SplitVersions& versions,
            const WriteSet& set);

  /// All rounds. Throws Error; metrics may then be written in part, and the pass is made again.
  WriteReport write();

  /// The next round; false: all is done. (For tests that let something happen in between.)
  bool advance();
  WriteReport report() const;

 private:
  enum class Round { look, claim, patch, replace, commit };

  struct Change {
    const SplitWrite* write;  ///< null: the split is removed
    std::string name;
    std::optional<std::uint64_t> version;  ///< as it is known to be; 0: absent
    bool listed = false;                   ///< among the metric's splits, as of Item::version
    bool written = false;                  ///< then `version` is ours

    bool is_patch() const { return write != nullptr && write->offset; }
    bool is_there() const { return version.value_or(0) != 0; }
  };
  struct Item {
    const MetricWrites* writes = nullptr;
    std::string raw_name;
    /// To find the raw object at, later as written; 0: there must be none.
    std::uint64_t version = 0;
    KnownSplits known;
    std::vector<Change> changes;
    std::optional<WriteVerdict> verdict;
    int tries = 0;
    bool found = false;  ///< a split by looking, not yet claimed
    bool seen = false;   ///< the raw object, to be as expected

    bool replaces() const;
    bool patched() const;
    bool written() const;
  };

  Item item_of(const MetricWrites& writes);
  void take_part(Item& item);
  void look(Item& item);
  void look_at(Item& item, Change& change);
  void claim(Item& item);
  void check(Item& item);
  void patch(Item& item);
  void replace(Item& item);
  void send(Change& change);
  void commit(Item& item);
  void finish(Item& item);
  void raw_differs(Item& item, int result);

  const Cluster& cluster_;
  SplitVersions& versions_;
  std::vector<Item> items_;
  Round round_ = Round::look;
  Flight flight_;  // last: its handlers use the rest
};

}  // namespace gnocchi::ceph
