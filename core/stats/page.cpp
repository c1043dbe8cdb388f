#include "core/stats/page.h"

#include <utility>

namespace gnocchi::stats {

void Page::add(Source source) {
  const std::scoped_lock guard(mutex_);
  sources_.push_back(std::move(source));
}

std::string Page::text() const {
  std::vector<Source> sources;
  {
    const std::scoped_lock guard(mutex_);
    sources = sources_;
  }
  Text text;
  for (const Source& source : sources) source(text);
  return text.text();
}

}  // namespace gnocchi::stats
