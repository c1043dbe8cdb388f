#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gnocchi/driver.h"
#include "gnocchi/naming.h"
#include "gnocchi/types.h"

namespace gnocchi {

inline constexpr std::uint32_t kStorageInterface = 1;

struct StorageTraits {
  bool partial_writes = false;  ///< write() can patch a padded split in place
  bool versioned = false;       ///< objects have versions and write() checks them
  /// How many passes a worker of metricd has in hand at once, at least 1: more where a pass mostly
  /// waits for another machine.
  std::uint32_t passes_per_worker = 1;
};

struct StoredObject {
  Bytes data;
  std::uint64_t version = 0;  ///< 0: not versioned; a raw series of other bytes never has the same
};

/// One write to one split.
struct SplitWrite {
  SplitKey key;
  /// nullopt: `data` is the whole object, replacing what was there. Otherwise (only with the trait
  /// partial_writes): `data` goes to this offset in bytes of a padded split; what lies between the
  /// object's old end and the offset reads as zeros.
  std::optional<std::uint64_t> offset;
  Bytes data;
};

/// What a pass changes of one metric.
struct MetricWrites {
  MetricId metric;
  /// Of the raw series that the pass began with, however old. 0: there was none, or not versioned.
  std::uint64_t expected_version = 0;
  /// Where the pass found no raw series: all aggregation methods of the metric's archive policy. A
  /// driver whose layout has a place per method makes it, since Python Gnocchi expects it there
  /// even while it is empty; others ignore this.
  std::vector<std::string> methods;
  std::vector<SplitKey> removals;
  std::vector<SplitWrite> splits;  ///< at most one of a key, and of none in `removals`
  std::optional<Bytes> raw;
};

struct WriteSet {
  std::vector<MetricWrites> metrics;
};

enum class WriteVerdict {
  done,
  stale,       ///< the raw series was not at the expected version: nothing but patches written
  not_padded,  ///< a patch met a split in compressed form: nothing but other patches written
};

/// One entry per metric of the set, in its order.
struct WriteReport {
  std::vector<WriteVerdict> verdicts;
  /// Where the verdict is done: the version that the metric's raw series has now, as read() would
  /// tell it. 0: there is none, or the driver cannot tell.
  std::vector<std::uint64_t> versions;
};

/// Which splits of a metric list_splits() lists: those that fulfil every part.
struct SplitFilter {
  std::vector<std::string> methods;     ///< of these aggregation methods, each once; empty: of any
  std::vector<Timespan> granularities;  ///< of these granularities, each once; empty: of any
  Timestamp first = Timestamp::min();   ///< start here or later
  Timestamp last = Timestamp::max();    ///< start here or earlier

  bool admits_method(std::string_view method) const {
    return methods.empty() || std::find(methods.begin(), methods.end(), method) != methods.end();
  }
  bool admits(const SplitKey& key) const {
    return key.start >= first && key.start <= last && admits_method(key.method) &&
           (granularities.empty() || std::find(granularities.begin(), granularities.end(),
                                               key.granularity) != granularities.end());
  }
};

/// Keeps the bytes of metrics; never computes with them.
///
/// Batches: every call takes many objects of many metrics, so that a driver can use one write
/// batch, one round of asynchronous operations, or a thread pool, whichever its backend is best at.
/// Threads: every method may be called from many threads at once.
/// Absence is not an error: it is nullopt, an empty list, or a no-op on removal.
/// Failure throws Error; no method returns "nothing" because a backend was unreachable.
class GNOCCHI_API StorageDriver : public Driver {
 public:
  virtual StorageTraits traits() const noexcept = 0;

  /// Creates or migrates the backend's layout. Idempotent; run by gnocchi-upgrade (and by
  /// gnocchi-server at its start) alone.
  virtual void upgrade() = 0;

  /// One entry per ref, in the order asked.
  virtual std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) = 0;

  /// The splits stored of each metric that the filter admits, no others; metrics in the order
  /// asked, splits sorted. A filter spares a driver whatever its layout lets it skip.
  virtual std::vector<std::vector<SplitKey>> list_splits(std::span<const MetricId> metrics,
                                                         const SplitFilter& filter) = 0;

  /// Applies a pass's changes. Of each metric: removals and splits first, the raw series last; each
  /// object atomically: a reader and a crash meet the old bytes or the new. When the call returns,
  /// all of it is durable as far as the driver's options promise. A crash in between leaves work
  /// to be done again. A patch (SplitWrite::offset) is applied only to an absent object or to one
  /// whose first byte is 0 or 1; else the metric's verdict is not_padded.
  [[nodiscard]] virtual WriteReport write(const WriteSet& set) = 0;

  /// Removes all objects of the metrics.
  virtual void remove_metrics(std::span<const MetricId> metrics) = 0;
};

}  // namespace gnocchi
