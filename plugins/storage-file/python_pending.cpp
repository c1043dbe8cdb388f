#include "python_pending.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "posix.h"

namespace gnocchi::file {

PythonPending::PythonPending(int base, std::uint32_t sack_count, plugin::Log& log)
    : base_(base), sack_count_(sack_count), log_(log) {}

void PythonPending::make_sacks() const {
  for (std::uint32_t i = 0; i < sack_count_; ++i) make_directories(base_, sack_path(SackNumber{i}));
}

void PythonPending::remove_sacks() const {
  for (std::uint32_t i = 0; i < sack_count_; ++i) remove_tree(base_, sack_path(SackNumber{i}));
}

bool PythonPending::may_have(SackNumber sack) const {
  struct stat status {};
  if (::fstatat(base_, sack_path(sack).c_str(), &status, 0) < 0) {
    if (errno != ENOENT) fail("check", sack_path(sack));
    return false;
  }
  // 2 where subdirectories count as links and there is none; other file systems say 1 always.
  return status.st_nlink != 2 && !list_metrics(sack).empty();
}

std::vector<MetricId> PythonPending::list_metrics(SackNumber sack) const {
  std::vector<MetricId> metrics;
  const auto names = list_directory(base_, sack_path(sack));
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    const auto id = Uuid::parse(name);
    if (id && id->to_string() == name) {
      metrics.emplace_back(*id);
    } else {
      log_.debug("ignored, not a metric's directory path=" + path_in(sack_path(sack), name));
    }
  }
  return metrics;
}

std::vector<PythonPending::Pending> PythonPending::list_files(const std::string& path) const {
  std::vector<Pending> files;
  auto names = list_directory(base_, path);
  if (!names) return files;
  for (std::string& name : *names) {
    struct stat status {};
    if (::fstatat(base_, path_in(path, name).c_str(), &status, 0) < 0) {
      if (errno == ENOENT) continue;
      fail("check", path_in(path, name));
    }
    const std::int64_t time_ns =
        std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
    files.push_back({std::move(name), time_ns});
  }
  std::sort(files.begin(), files.end(), [](const Pending& a, const Pending& b) {
    return std::tie(a.time_ns, a.name) < std::tie(b.time_ns, b.name);
  });
  return files;
}

void PythonPending::read(SackNumber sack, std::size_t max_bytes, std::vector<Bundle>& bundles,
                         std::vector<File>& files, bool& more) const {
  if (!may_have(sack)) return;
  std::size_t bytes = 0;
  for (const MetricId& metric : list_metrics(sack)) {
    const std::string path = sack_path(sack) + '/' + metric.to_string();
    for (Pending& file : list_files(path)) {
      if (bytes >= max_bytes && !files.empty()) {
        more = true;
        return;
      }
      const Descriptor fd = open_if_there(base_, path_in(path, file.name), O_RDONLY);
      if (!fd) continue;
      bundles.push_back({metric, read_whole(fd.get(), path_in(path, file.name))});
      bytes += bundles.back().data.size();
      files.push_back({metric, std::move(file.name)});
    }
  }
}

bool PythonPending::read_metric(const MetricId& metric, std::size_t& max_bytes,
                                std::vector<Bytes>& bundles) const {
  const std::string path = sack_path(sack_of(metric, sack_count_)) + '/' + metric.to_string();
  for (const Pending& file : list_files(path)) {
    const Descriptor fd = open_if_there(base_, path_in(path, file.name), O_RDONLY);
    if (!fd) continue;
    bundles.push_back(read_whole(fd.get(), path_in(path, file.name)));
    if (bundles.back().size() > max_bytes) return false;
    max_bytes -= bundles.back().size();
  }
  return true;
}

void PythonPending::remove(SackNumber sack, const std::vector<File>& files) const {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string directory = sack_path(sack) + '/' + files[i].metric.to_string();
    const std::string path = directory + '/' + files[i].name;
    if (::unlinkat(base_, path.c_str(), 0) < 0 && errno != ENOENT) fail("remove", path);
    const bool last = i + 1 == files.size() || files[i + 1].metric != files[i].metric;
    if (last && ::unlinkat(base_, directory.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT &&
        errno != ENOTEMPTY && errno != EEXIST) {
      fail("remove", directory);
    }
  }
}

void PythonPending::count(const std::function<void(const MetricId&, std::uint64_t)>& each) const {
  for (std::uint32_t i = 0; i < sack_count_; ++i) {
    const SackNumber sack{i};
    if (!may_have(sack)) continue;
    for (const MetricId& metric : list_metrics(sack)) {
      const auto names = list_directory(base_, sack_path(sack) + '/' + metric.to_string());
      if (names && !names->empty()) each(metric, names->size());
    }
  }
}

}  // namespace gnocchi::file
