#include "known_names.h"

#include <limits>
#include <utility>

namespace gnocchi::rocks {
namespace {

/// A node of the table, its bucket, and what the allocator adds.
constexpr std::size_t kEntryBytes = sizeof(std::pair<MetricId, Names>) + 48;

std::size_t bytes_of(const Names& names) { return kEntryBytes + names.text.capacity(); }

}  // namespace

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
  Part& part = part_of(metric);
  names.text.shrink_to_fit();
  const std::size_t bytes = bytes_of(names);
  const std::scoped_lock guard(part.mutex);
  if (part.changes != read_at[number_of(metric)]) return;
  if (!part.names.try_emplace(metric, std::move(names)).second) return;
  part.bytes += bytes;
  // Any other one goes: metrics mostly come in turns.
  while (part.bytes > max_bytes_of_part_) drop(part, part.names.begin());
}

void KnownNames::forget(std::span<const MetricId> metrics) {
  for (const MetricId& metric : metrics) {
    Part& part = part_of(metric);
    const std::scoped_lock guard(part.mutex);
    ++part.changes;
    if (const auto found = part.names.find(metric); found != part.names.end()) drop(part, found);
  }
}

void KnownNames::drop(Part& part, std::unordered_map<MetricId, Names>::iterator which) {
  part.bytes -= bytes_of(which->second);
  part.names.erase(which);
}

}  // namespace gnocchi::rocks
