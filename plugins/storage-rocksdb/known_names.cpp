#include "known_names.h"

#include <limits>
#include <utility>

namespace gnocchi::rocks {
void Names::add(BytesView name) {
  if (too_many) return;
  if (text.size() + 1 + name.size() > kMostBytes ||
      name.size() > std::numeric_limits<unsigned char>::max()) {
    too_many = true;
    text = std::string();
    return;
  }
  text.push_back(static_cast<char>(name.size()));
  text.append(name);
}

BytesView Names::take(BytesView& text) {
  const std::size_t size = static_cast<unsigned char>(text.front());
  const BytesView name = text.substr(1, size);
  text.remove_prefix(1 + size);
  return name;
}

KnownNames::KnownNames(std::size_t max_bytes) {
  for (Part& part : parts_) part.names.set_max_bytes(max_bytes / parts_.size());
}

std::size_t KnownNames::number_of(const MetricId& metric) noexcept {
  return metric.bytes.back() % Moment().size();
}

KnownNames::Moment KnownNames::now() const {
  Moment moment;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const std::scoped_lock guard(parts_[i].mutex);
    moment[i] = parts_[i].changes;
  }
  return moment;
}

void KnownNames::put(const MetricId& metric, const Moment& read_at, Names names) {
  const std::size_t number = number_of(metric);
  Part& part = parts_[number];
  names.text.shrink_to_fit();
  const std::size_t heap_bytes = names.text.capacity();
  const std::scoped_lock guard(part.mutex);
  if (part.changes == read_at[number]) part.names.put(metric, std::move(names), heap_bytes);
}

void KnownNames::forget(std::span<const MetricId> metrics) {
  for (const MetricId& metric : metrics) {
    Part& part = parts_[number_of(metric)];
    const std::scoped_lock guard(part.mutex);
    ++part.changes;
    part.names.take(metric);
  }
}

}  // namespace gnocchi::rocks
