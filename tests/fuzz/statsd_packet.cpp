// Whatever a line of a packet holds, it is an update that makes sense or has a fault that is told.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "core/statsd/aggregator.h"
#include "core/statsd/packet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  std::string_view packet(reinterpret_cast<const char*>(data), size_bytes);
  gnocchi::statsd::Aggregator aggregator(4, 4);
  while (!packet.empty()) {
    const auto end = std::min(packet.find('\n'), packet.size());
    const auto parsed = gnocchi::statsd::parse_line(packet.substr(0, end));
    packet.remove_prefix(std::min(end + 1, packet.size()));
    if (!parsed.update) {
      if (parsed.fault == nullptr) std::abort();
      continue;
    }
    if (parsed.update->name.empty() || !std::isfinite(parsed.update->value)) std::abort();
    if (!(parsed.update->rate > 0)) std::abort();
    (void)aggregator.apply(*parsed.update, gnocchi::Timestamp{});
  }
  if (aggregator.take().size() > 4) std::abort();
  return 0;
}
