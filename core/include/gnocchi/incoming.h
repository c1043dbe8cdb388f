#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gnocchi/driver.h"
#include "gnocchi/types.h"

namespace gnocchi {

inline constexpr std::uint32_t kIncomingInterface = 2;

/// A bundle of measures of one metric, encoded by core (docs/formats/incoming.md); opaque here.
struct Bundle {
  MetricId metric;
  Bytes data;
};

/// What the driver notes down to remove exactly the bundles of a batch later.
class GNOCCHI_API Receipt {
 public:
  Receipt();
  virtual ~Receipt();
};

/// Pending bundles of one sack. Bundles of one metric are in order of arrival.
struct SackBatch {
  SackNumber sack;
  std::vector<Bundle> bundles;
  std::unique_ptr<Receipt> receipt;  ///< null only if the batch is empty
  bool more = false;                 ///< a limit cut the batch; there is more to read
};

struct IncomingReport {
  std::uint64_t metrics = 0;  ///< with pending bundles
  std::uint64_t bundles = 0;
  std::vector<std::pair<MetricId, std::uint64_t>> details;  ///< bundles per metric, if asked for
};

/// Keeps measures from their acceptance until metricd has processed them.
///
/// At least once: core acknowledges a batch only after storage took everything computed from it,
/// so a crash means that work is done again, never loss.
/// Threads: every method may be called from many threads at once; core holds the sack's lock
/// during read_sack ... acknowledge, so one sack is read by one thread at a time.
class GNOCCHI_API IncomingDriver : public Driver {
 public:
  /// Creates the backend's layout with this many sacks; where one exists, it is kept as it is.
  virtual void upgrade(std::uint32_t sack_count) = 0;

  /// The number of sacks in force. Throws Error{invalid_config} saying to run gnocchi-upgrade if
  /// there is no layout.
  virtual std::uint32_t sack_count() = 0;

  /// Makes a layout of this many sacks in place of the one in force. Core has seen that nothing is
  /// pending, and calls nothing else meanwhile. Throws Error{unavailable}, with nothing changed, if
  /// the driver can tell that something is pending after all or that other processes still use the
  /// backend; Error{invalid_config} if there is no layout or it cannot have so many sacks.
  virtual void change_sack_count(std::uint32_t sack_count) = 0;

  /// Durable when it returns: all of the bundles, or, if it throws, possibly none and at most some
  /// (the client repeats its request, which is harmless: equal timestamps replace each other).
  /// Throws Error{unavailable} when the backend is full or away.
  virtual void append(std::span<const Bundle> bundles) = 0;

  /// Pending bundles of the sack, oldest first, up to about `max_bytes` of data. Reading twice
  /// without acknowledging gives the same again (and possibly more).
  virtual SackBatch read_sack(SackNumber sack, std::size_t max_bytes) = 0;

  /// Removes exactly what the batch held, though more may have arrived meanwhile. Repeating it, or
  /// acknowledging two batches in either order, is harmless.
  virtual void acknowledge(const SackBatch& batch) = 0;

  /// Pending bundles of each metric, in the order asked, of each in order of arrival; nullopt: more
  /// than about `max_bytes` would have to be read for them. Takes no part in acknowledging.
  /// Whatever append() has taken before the call is in the answer unless it was acknowledged.
  /// Queries ask before they read anything else, so it must be cheap where nothing is pending.
  virtual std::optional<std::vector<std::vector<Bytes>>> read_pending(
      std::span<const MetricId> metrics, std::size_t max_bytes) = 0;

  virtual IncomingReport report(bool details) = 0;

  /// The sacks among `sacks` that have, or may have, pending bundles. Cheap: metricd asks before
  /// it takes locks. A driver that cannot tell returns all of them.
  virtual std::vector<SackNumber> with_pending(std::span<const SackNumber> sacks) = 0;

  /// Blocks until there is news of one of the sacks (from any process that the driver can hear
  /// of), `wake` was called, or the time is up; returns the sacks known to have news. A driver
  /// that hears nothing sleeps.
  virtual std::vector<SackNumber> wait(std::span<const SackNumber> sacks,
                                       std::chrono::steady_clock::time_point until) = 0;
  /// Ends all waits of this instance early, at stop or when the owned sacks change.
  virtual void wake() noexcept = 0;
};

}  // namespace gnocchi
