#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "gnocchi/storage.h"
#include "posix.h"
#include "scratch.h"

namespace gnocchi::file {

/// What tells a raw series from the one before; not 0.
std::uint64_t version_of(const struct stat& raw) noexcept;

/// The changes of one metric, in two steps, so that the disk can be told between them to keep the
/// first: stage() writes whole objects aside and patches in place, publish() moves the objects
/// into place, the raw series last. Destroyed unpublished, it leaves nothing behind but patches.
/// One thread.
class MetricWriter {
 public:
  MetricWriter(int base, Scratch& scratch, std::string metric_path);
  MetricWriter(MetricWriter&&) = default;
  MetricWriter& operator=(MetricWriter&&) = delete;
  ~MetricWriter();

  /// Once, under a WriteGuard that is held until publish() has returned. done, or stale or
  /// not_padded with nothing written. Throws Error{unavailable}, a full disk included.
  [[nodiscard]] WriteVerdict stage(const MetricWrites& writes);
  void publish();
  /// Of the metric's raw series: staged, or where none was, as stored. 0: there is none.
  std::uint64_t version() const noexcept { return version_; }

 private:
  std::uint64_t stored_version() const;
  struct Staged {
    std::string draft;   ///< where the new bytes are
    std::string target;  ///< where they belong
    bool raw = false;
  };
  struct Patch {
    Descriptor fd;
    std::string path;
    const SplitWrite* write;
  };

  void stage_split(const SplitKey& key, std::string_view data, std::uint64_t zeros_before = 0);
  void stage_raw(std::string_view data);
  void apply(const Patch& patch) const;
  Descriptor open_spare(std::string& path) const;
  Descriptor create_draft(std::string& path) const;
  void put_in_place(const Staged& staged) const;

  int base_;
  Scratch* scratch_;
  std::string metric_path_;
  std::vector<std::string> removals_;
  std::deque<Staged> staged_;
  std::uint64_t version_ = 0;
};

}  // namespace gnocchi::file
