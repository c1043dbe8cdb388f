#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "core/stats/text.h"

namespace gnocchi::stats {

/// What a process tells of itself to who scrapes it: its parts add what they have to say. They
/// count on their own, so that being asked costs them nothing until then. Any thread.
class Page {
 public:
  using Source = std::function<void(Text&)>;

  /// `source` is called at every text(), by any thread, until the page is gone.
  void add(Source source);
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Source> sources_;
};

}  // namespace gnocchi::stats
