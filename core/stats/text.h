#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/stats/counter.h"
#include "core/stats/histogram.h"

namespace gnocchi::stats {

/// The samples of one name in Prometheus's text format (version 0.0.4).
class Family {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  Family(std::string_view name, std::string_view type, std::string_view help);

  void add(Labels labels, std::uint64_t value);
  void add(Labels labels, double value);
  void add(Labels labels, const Counter& counter) { add(labels, counter.value()); }
  /// In seconds: buckets, sum and count.
  void add(Labels labels, const Histogram& histogram);

  const std::string& name() const noexcept { return name_; }
  /// "# HELP" and "# TYPE" lines and the samples; nothing if there are none.
  std::string text() const;

 private:
  void sample(std::string_view suffix, Labels labels, std::string_view bound,
              std::string_view value);

  std::string name_;
  std::string head_;
  std::string samples_;
};

/// A whole answer to a scrape, put together by many, each of whom may add to families that others
/// have begun. No two may add the same labels to one family. One thread.
class Text {
 public:
  Family& counter(std::string_view name, std::string_view help);  ///< name ends in _total
  Family& gauge(std::string_view name, std::string_view help);
  Family& histogram(std::string_view name, std::string_view help);  ///< name ends in _seconds

  std::string text() const;

 private:
  Family& family(std::string_view name, std::string_view type, std::string_view help);

  std::deque<Family> families_;  // in order of their beginning; references stay valid
};

}  // namespace gnocchi::stats
