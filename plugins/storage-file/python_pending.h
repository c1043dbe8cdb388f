#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gnocchi/incoming.h"
#include "gnocchi/naming.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::file {

/// Measures as Python Gnocchi's API leaves them: incoming<N>-<i>/<metric>/<random>_<time>, a file
/// per bundle. Read and removed here, never written. Any thread.
class PythonPending {
 public:
  struct File {
    MetricId metric;
    std::string name;
  };

  /// `base`: file_basepath, opened; it must stay open.
  PythonPending(int base, std::uint32_t sack_count, plugin::Log& log);

  /// Creates the sacks' directories, which Python's daemons expect.
  void make_sacks() const;
  /// Removes them, with whatever is in them.
  void remove_sacks() const;
  /// Cheap: one stat() where a directory's links tell whether it has subdirectories.
  bool may_have(SackNumber sack) const;
  /// Adds the sack's bundles, oldest first within a metric, until `max_bytes` are reached; `more`
  /// becomes true if that left any out.
  void read(SackNumber sack, std::size_t max_bytes, std::vector<Bundle>& bundles,
            std::vector<File>& files, bool& more) const;
  /// Adds the metric's bundles, oldest first, and takes their size off `max_bytes`. False: that was
  /// not enough for them.
  [[nodiscard]] bool read_metric(const MetricId& metric, std::size_t& max_bytes,
                                 std::vector<Bytes>& bundles) const;
  void remove(SackNumber sack, const std::vector<File>& files) const;
  /// Calls `each` with every metric that has files, and their number.
  void count(const std::function<void(const MetricId&, std::uint64_t)>& each) const;

 private:
  struct Pending {
    std::string name;
    std::int64_t time_ns = 0;
  };

  std::string sack_path(SackNumber sack) const { return sack_name(sack, sack_count_); }
  std::vector<MetricId> list_metrics(SackNumber sack) const;
  std::vector<Pending> list_files(const std::string& path) const;

  int base_;
  std::uint32_t sack_count_;
  plugin::Log& log_;
};

}  // namespace gnocchi::file
