#include "metric_writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "metric_paths.h"

namespace gnocchi::file {
namespace {

/// What opening a split for a patch came to.
enum class Target { absent, padded, compressed };

Target judge_target(int fd, std::string_view path) {
  char first = 0;
  if (read_at(fd, &first, 1, 0, path) == 0) return Target::absent;  // empty: nothing to keep
  return first == 0 || first == 1 ? Target::padded : Target::compressed;
}

}  // namespace

std::uint64_t version_of(const struct stat& raw) noexcept {
  // A file that was exchanged is written again only seconds later, so number and time never recur
  // together; the size guards against clocks that are set.
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const std::uint64_t part :
       {static_cast<std::uint64_t>(raw.st_ino), static_cast<std::uint64_t>(raw.st_mtim.tv_sec),
        static_cast<std::uint64_t>(raw.st_mtim.tv_nsec), static_cast<std::uint64_t>(raw.st_size)}) {
    hash = (hash ^ part) * 0xff51afd7ed558ccdULL;
    hash ^= hash >> 32U;
  }
  return hash == 0 ? 1 : hash;
}

MetricWriter::MetricWriter(int base, Scratch& scratch, std::string metric_path)
    : base_(base), scratch_(&scratch), metric_path_(std::move(metric_path)) {}

MetricWriter::~MetricWriter() {
  for (const Staged& staged : staged_) ::unlinkat(base_, staged.draft.c_str(), 0);
}

std::uint64_t MetricWriter::stored_version() const {
  const std::string path = metric_path_ + '/' + object_path(std::nullopt);
  struct stat status {};
  if (::fstatat(base_, path.c_str(), &status, 0) == 0) return version_of(status);
  if (errno != ENOENT) fail("check", path);
  return 0;
}

WriteVerdict MetricWriter::stage(const MetricWrites& writes) {
  version_ = stored_version();
  if (version_ != writes.expected_version) return WriteVerdict::stale;
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
    if (!split.offset) stage_split(split.key, split.data);
  }
  // The first patch of a split makes a whole object: its file must not be seen empty.
  for (const Patch& patch : patches) {
    if (!patch.fd) stage_split(patch.write->key, patch.write->data, *patch.write->offset);
  }
  if (writes.raw) stage_raw(*writes.raw);
  for (const Patch& patch : patches) {
    if (patch.fd) apply(patch);
  }
  return WriteVerdict::done;
}

void MetricWriter::stage_split(const SplitKey& key, std::string_view data,
                               std::uint64_t zeros_before) {
  std::string draft;
  const Descriptor fd = create_draft(draft);
  staged_.push_back({std::move(draft), metric_path_ + '/' + object_path(key), false});
  if (write_at(fd.get(), data, zeros_before) != data.size()) fail("write", staged_.back().target);
}

void MetricWriter::stage_raw(std::string_view data) {
  std::string draft;
  Descriptor fd = open_spare(draft);
  if (!fd) fd = create_draft(draft);
  staged_.push_back({std::move(draft), metric_path_ + '/' + object_path(std::nullopt), true});
  const std::string& target = staged_.back().target;
  if (write_at(fd.get(), data, 0) != data.size()) fail("write", target);
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) fail("write", target);
  const auto size = static_cast<off_t>(data.size());
  if (status.st_size > size && ::ftruncate(fd.get(), size) < 0) fail("write", target);
  if (status.st_size != size && ::fstat(fd.get(), &status) < 0) fail("write", target);
  version_ = version_of(status);  // moving it into place changes nothing of it
}

Descriptor MetricWriter::open_spare(std::string& path) const {
  auto spare = scratch_->take_spare();
  if (!spare) return {};
  path = std::move(*spare);
  Descriptor fd = open_at(base_, path, O_RDWR);
  if (!fd) fail("open", path);
  if (try_lock(fd.get(), LockMode::exclusive, path)) return fd;
  scratch_->give_spare(std::move(path));  // somebody still reads it as what it was
  return {};
}

Descriptor MetricWriter::create_draft(std::string& path) const {
  path = scratch_->next_path();
  Descriptor fd = open_at(base_, path, O_WRONLY | O_CREAT | O_EXCL, kFileMode);
  if (!fd) fail("create", path);
  return fd;
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
  // In the order of staging: the raw series is the last. What is in place is no draft any more.
  for (; !staged_.empty(); staged_.pop_front()) put_in_place(staged_.front());
}

void MetricWriter::put_in_place(const Staged& staged) const {
  const char* draft = staged.draft.c_str();
  const char* target = staged.target.c_str();
  if (staged.raw && ::renameat2(base_, draft, base_, target, RENAME_EXCHANGE) == 0) {
    scratch_->give_spare(staged.draft);
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
