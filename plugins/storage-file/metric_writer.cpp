#include "metric_writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "metric_paths.h"

namespace gnocchi::file {
namespace {

constexpr mode_t kFileMode = 0640;

/// What opening a split for a patch came to.
enum class Target { absent, padded, compressed };

Target judge_target(int fd, std::string_view path) {
  char first = 0;
  if (read_at(fd, &first, 1, 0, path) == 0) return Target::absent;  // empty: nothing to keep
  return first == 0 || first == 1 ? Target::padded : Target::compressed;
}

}  // namespace

MetricWriter::MetricWriter(int base, Scratch& scratch, std::string metric_path, SyncMode sync_mode)
    : base_(base),
      scratch_(&scratch),
      metric_path_(std::move(metric_path)),
      sync_mode_(sync_mode) {}

MetricWriter::~MetricWriter() {
  for (const Staged& staged : staged_) ::unlinkat(base_, staged.draft.c_str(), 0);
}

WriteVerdict MetricWriter::stage(const MetricWrites& writes) {
  std::vector<Patch> patches;
  for (const SplitWrite& split : writes.splits) {
    if (!split.offset) continue;
    std::string path = metric_path_ + '/' + object_path(split.key);
    Descriptor fd = open_if_there(base_, path, O_RDWR);
    const Target target = fd ? judge_target(fd.get(), path) : Target::absent;
    if (target == Target::compressed) return WriteVerdict::not_padded;
    if (target == Target::absent) fd.reset();
    patches.push_back({std::move(fd), std::move(path), &split});
  }
  for (const std::string& method : writes.methods) {
    make_directories(base_, metric_path_ + '/' + method_directory(method));
  }
  for (const SplitKey& key : writes.removals) {
    removals_.push_back(metric_path_ + '/' + object_path(key));
  }
  for (const SplitWrite& split : writes.splits) {
    if (!split.offset) stage_object(metric_path_ + '/' + object_path(split.key), split.data);
  }
  // The first patch of a split makes a whole object: its file must not be seen empty.
  for (const Patch& patch : patches) {
    if (!patch.fd) stage_object(patch.path, patch.write->data, *patch.write->offset);
  }
  if (writes.raw) stage_object(metric_path_ + '/' + object_path(std::nullopt), *writes.raw);
  for (const Patch& patch : patches) {
    if (patch.fd) apply(patch);
  }
  return WriteVerdict::done;
}

void MetricWriter::stage_object(std::string target, std::string_view data,
                                std::uint64_t zeros_before) {
  std::string draft = scratch_->next_path();
  const Descriptor fd = open_at(base_, draft, O_WRONLY | O_CREAT | O_EXCL, kFileMode);
  if (!fd) fail("create", draft);
  staged_.push_back({std::move(draft), std::move(target)});
  if (write_at(fd.get(), data, zeros_before) != data.size()) fail("write", staged_.back().target);
}

void MetricWriter::apply(const Patch& patch) const {
  const std::string_view data = patch.write->data;
  const std::uint64_t offset = *patch.write->offset;
  lock(patch.fd.get(), LockMode::exclusive, patch.path);
  // What is there now, to put it back if the disk is full in the middle.
  std::string before(data.size(), '\0');
  before.resize(read_at(patch.fd.get(), before.data(), before.size(), offset, patch.path));
  struct stat status {};
  if (::fstat(patch.fd.get(), &status) < 0) fail("write", patch.path);
  if (write_at(patch.fd.get(), data, offset) == data.size()) return;
  const int error = errno;
  if (write_at(patch.fd.get(), before, offset) != before.size() ||
      ::ftruncate(patch.fd.get(), status.st_size) < 0) {
    fail("write and undo", patch.path, error);
  }
  fail("write", patch.path, error);
}

void MetricWriter::publish() {
  for (const std::string& path : removals_) {
    if (::unlinkat(base_, path.c_str(), 0) < 0 && errno != ENOENT) fail("remove", path);
  }
  // In the order of staging: the raw series is the last.
  for (const Staged& staged : staged_) put_in_place(staged);
  staged_.clear();
}

void MetricWriter::put_in_place(const Staged& staged) const {
  const char* draft = staged.draft.c_str();
  const char* target = staged.target.c_str();
  // Exchanging costs a third of replacing on ext4, which at a replacement starts to write the data
  // out. That also is its protection against a power cut, so only where none was asked for.
  if (sync_mode_ == SyncMode::off &&
      ::renameat2(base_, draft, base_, target, RENAME_EXCHANGE) == 0) {
    if (::unlinkat(base_, draft, 0) < 0) fail("remove", staged.draft);
    return;
  }
  if (::renameat(base_, draft, base_, target) == 0) return;
  if (errno == ENOENT) {
    make_directories(base_, staged.target.substr(0, staged.target.rfind('/')));
    if (::renameat(base_, draft, base_, target) == 0) return;
  }
  fail("write", staged.target);
}

}  // namespace gnocchi::file
