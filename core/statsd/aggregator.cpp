#include "core/statsd/aggregator.h"

namespace gnocchi::statsd {

bool Aggregator::apply(const Update& update, Timestamp now) {
  std::string metric;
  metric.append(update.name).append("|").append(to_string(update.kind));
  auto known = states_.find(metric);
  if (known == states_.end()) {
    if (states_.size() >= most_names_) return false;
    known = states_.emplace(std::move(metric), State{}).first;
  }
  State& state = known->second;
  switch (update.kind) {
    case Kind::counter: state.value += update.value / update.rate; break;
    case Kind::gauge:
      state.value = update.relative ? state.value + update.value : update.value;
      break;
    case Kind::timer: state.value = update.value; break;
    case Kind::set: {
      std::string member(update.member);
      if (!state.members.contains(member)) {
        if (members_ >= most_members_) return false;
        state.members.insert(std::move(member));
        ++members_;
      }
      state.value = static_cast<double>(state.members.size());
      break;
    }
  }
  state.updated = now;
  return true;
}

std::vector<Point> Aggregator::take() {
  // Gauges that nobody sets any more are forgotten before they take the room of others.
  const bool forget_idle = states_.size() > most_names_ / 2;
  std::vector<Point> points;
  for (auto entry = states_.begin(); entry != states_.end();) {
    auto& [metric, state] = *entry;
    const bool idle = !state.updated;
    if (!idle) points.push_back({metric, {*state.updated, state.value}});
    state.updated.reset();
    const bool gauge = metric.ends_with("|g");
    entry = gauge && !(idle && forget_idle) ? std::next(entry) : states_.erase(entry);
  }
  members_ = 0;
  return points;
}

}  // namespace gnocchi::statsd
