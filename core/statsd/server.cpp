#include "core/statsd/server.h"

#include <algorithm>
#include <utility>

namespace gnocchi::statsd {
namespace {

constexpr std::size_t kQuotedBytes = 100;
// How often packets are taken once it is time to stop: enough for all that wait, but senders who
// never pause do not keep us.
constexpr int kLastTurns = 1000;

/// The beginning of a line as it may stand in a log.
std::string quoted(std::string_view line) {
  std::string text(line.substr(0, kQuotedBytes));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~' || c == '"'; }, '?');
  return text;
}

}  // namespace

Server::~Server() { stop(); }

void Server::start() {
  receiver_ = std::thread([this] { receive(); });
  flusher_ = std::thread([this] { flush_now_and_then(); });
}

void Server::stop() {
  if (!receiver_.joinable()) return;
  ending_.store(true, std::memory_order_relaxed);
  socket_.wake();
  receiver_.join();
  {
    const std::scoped_lock guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  flusher_.join();
}

void Server::receive() {
  int turns = 0;
  while (socket_.receive([this](std::string_view packet) { take(packet); })) {
    if (ending_.load(std::memory_order_relaxed) && ++turns == kLastTurns) return;
  }
}

void Server::take(std::string_view packet) {
  const Timestamp now = std::chrono::system_clock::now();
  const std::scoped_lock guard(mutex_);
  while (!packet.empty()) {
    const auto end = std::min(packet.find('\n'), packet.size());
    const std::string_view line = packet.substr(0, end);
    packet.remove_prefix(std::min(end + 1, packet.size()));
    if (line.empty()) continue;
    const ParsedLine parsed = parse_line(line);
    if (!parsed.update) {
      note_fault(line, parsed.fault);
    } else if (!aggregator_.apply(*parsed.update, now)) {
      note_fault(line, "too many metrics or members of sets");
    }
  }
}

void Server::note_fault(std::string_view line, const char* reason) {
  if (faults_++ == 0) first_fault_ = "line=\"" + quoted(line) + "\" reason=\"" + reason + "\"";
}

void Server::flush_now_and_then() {
  bool last = false;
  while (!last) {
    {
      std::unique_lock lock(mutex_);
      last = wake_.wait_for(lock, options_.flush_delay, [this] { return stopping_; });
    }
    flush();
  }
}

void Server::flush() {
  std::vector<Point> points;
  std::size_t faults = 0;
  std::string first;
  {
    const std::scoped_lock guard(mutex_);
    points = aggregator_.take();
    faults = std::exchange(faults_, 0);
    first = std::exchange(first_fault_, {});
  }
  if (faults > 0) {
    log_.warning("event=bad_packets count=" + std::to_string(faults) + " first: " + first);
  }
  for (const Point& point : points) {
    writer_.add(options_.resource_id, point.metric, point.measure);
  }
  writer_.flush();
}

}  // namespace gnocchi::statsd
