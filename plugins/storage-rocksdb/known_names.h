#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gnocchi/metric_memory.h"
#include "gnocchi/types.h"

namespace gnocchi::rocks {

/// The names of a metric's splits, without the metric: for each, a byte of its length, and the name
/// as keys have it (docs/formats/rocksdb.md, "Keys").
struct Names {
  /// Names in so many bytes are worth remembering; longer lists are read in parts anyway.
  static constexpr std::size_t kMostBytes = 1024;

  bool too_many = false;  ///< then `text` is empty
  std::string text;

  /// `name`: a key of the family `names`, without its metric.
  void add(BytesView name);
  /// Takes the first name off the text, which must not be empty.
  static BytesView take(BytesView& text);
};

/// Remembers the names of splits, by metric: in most queries the half of what they look up, and
/// they change when a split begins or ends. Memory is bounded. Any thread.
class KnownNames {
 public:
  /// How often each part of the metrics had changes.
  using Moment = std::array<std::uint64_t, 16>;

  explicit KnownNames(std::size_t max_bytes);

  /// Calls use(names) and says true if they are known. `use` must not come back here.
  template <class Use>
  bool look(const MetricId& metric, Use use) const {
    return parts_[number_of(metric)].names.look(metric, use);
  }

  /// To be asked before names are read from the database.
  Moment now() const;
  /// Remembers what was read, if nothing has changed since that moment.
  void put(const MetricId& metric, const Moment& read_at, Names names);
  /// After what is in the database has changed, and before anybody is told that it has.
  void forget(std::span<const MetricId> metrics);

 private:
  struct Part {
    mutable std::mutex mutex;  ///< of `changes`, and of what is done to `names` because of them
    std::uint64_t changes = 0;
    MetricMemory<Names> names{0};
  };

  static std::size_t number_of(const MetricId& metric) noexcept;

  std::array<Part, Moment().size()> parts_;
};

/// Forgets the names at its end, whether their change came about or not.
class ForgetNames {
 public:
  ForgetNames(KnownNames& known, std::vector<MetricId> metrics)
      : known_(known), metrics_(std::move(metrics)) {}
  ~ForgetNames() { known_.forget(metrics_); }
  ForgetNames(const ForgetNames&) = delete;
  ForgetNames& operator=(const ForgetNames&) = delete;

 private:
  KnownNames& known_;
  std::vector<MetricId> metrics_;
};

}  // namespace gnocchi::rocks
