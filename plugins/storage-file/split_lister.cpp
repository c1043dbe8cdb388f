#include "split_lister.h"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "metric_paths.h"
#include "posix.h"

namespace gnocchi::file {

SplitLister::SplitLister(int base, const SplitFilter& filter) : base_(base), filter_(filter) {
  for (const Timespan granularity : filter.granularities) {
    endings_.push_back(split_name_ending(granularity));
  }
}

std::vector<SplitKey> SplitLister::list(const std::string& path) const {
  std::vector<SplitKey> splits;
  if (filter_.methods.size() == 1) {
    const std::string& method = filter_.methods.front();
    list_method(base_, path_in(path, method_directory(method)), method, splits);
  } else if (const Descriptor metric = open_if_there(base_, path, O_RDONLY | O_DIRECTORY)) {
    for (const std::string& method : filter_.methods) {
      list_method(metric.get(), method_directory(method), method, splits);
    }
    if (filter_.methods.empty()) {
      each_name(metric.get(), path, [&](std::string_view name) {
        if (const auto method = method_of(name)) {
          list_method(metric.get(), std::string(name), *method, splits);
        }
      });
    }
  }
  std::sort(splits.begin(), splits.end());
  return splits;
}

void SplitLister::list_method(int directory, const std::string& name, std::string_view method,
                              std::vector<SplitKey>& out) const {
  const Descriptor opened = open_if_there(directory, name, O_RDONLY | O_DIRECTORY);
  if (!opened) return;
  each_name(opened.get(), name, [&](std::string_view file) {
    if (!may_admit(file)) return;
    auto split = parse_split_name(method, file);
    if (split && filter_.admits(*split)) out.push_back(std::move(*split));
  });
}

bool SplitLister::may_admit(std::string_view name) const {
  return endings_.empty() ||
         std::any_of(endings_.begin(), endings_.end(),
                     [name](const std::string& ending) { return name.ends_with(ending); });
}

}  // namespace gnocchi::file
