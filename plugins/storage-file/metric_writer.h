#pragma once

#include <string>
#include <vector>

#include "gnocchi/storage.h"
#include "posix.h"
#include "scratch.h"

namespace gnocchi::file {

/// The changes of one metric, in two steps, so that the disk can be told between them to keep the
/// first: stage() writes whole objects aside and patches in place, publish() moves the objects
/// into place, the raw series last. Destroyed unpublished, it leaves nothing behind but patches.
/// One thread.
class MetricWriter {
 public:
  MetricWriter(int base, Scratch& scratch, std::string metric_path, SyncMode sync_mode);
  MetricWriter(MetricWriter&&) = default;
  MetricWriter& operator=(MetricWriter&&) = delete;
  ~MetricWriter();

  /// done, or not_padded with nothing written. Throws Error{unavailable}, a full disk included.
  [[nodiscard]] WriteVerdict stage(const MetricWrites& writes);
  void publish();

 private:
  struct Staged {
    std::string draft;   ///< where the new bytes are
    std::string target;  ///< where they belong
  };
  struct Patch {
    Descriptor fd;
    std::string path;
    const SplitWrite* write;
  };

  void stage_object(std::string target, std::string_view data, std::uint64_t zeros_before = 0);
  void apply(const Patch& patch) const;
  void put_in_place(const Staged& staged) const;

  int base_;
  Scratch* scratch_;
  std::string metric_path_;
  SyncMode sync_mode_;
  std::vector<std::string> removals_;
  std::vector<Staged> staged_;
};

}  // namespace gnocchi::file
