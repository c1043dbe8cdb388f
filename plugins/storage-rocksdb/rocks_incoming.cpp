#include "rocks_incoming.h"

namespace gnocchi::rocks {

RocksIncoming::RocksIncoming(const plugin::Context& context)
    : log_(context.log), use_(DatabaseOptions::from(context.options), context.log) {}

void RocksIncoming::upgrade(std::uint32_t sack_count) {
  use_.create();
  queue().create(sack_count);
}

void RocksIncoming::change_sack_count(std::uint32_t sack_count) {
  queue().change_sack_count(sack_count);
}

SackBatch RocksIncoming::read_sack(SackNumber sack, std::size_t max_bytes) {
  return queue().read_sack(sack, max_bytes, log_);
}

std::optional<std::vector<std::vector<Bytes>>> RocksIncoming::read_pending(
    std::span<const MetricId> metrics, std::size_t max_bytes) {
  return queue().read_pending(metrics, max_bytes);
}

std::vector<SackNumber> RocksIncoming::with_pending(std::span<const SackNumber> sacks) {
  return queue().with_pending(sacks);
}

std::vector<SackNumber> RocksIncoming::wait(std::span<const SackNumber> sacks,
                                            std::chrono::steady_clock::time_point until) {
  return queue().wait(listener_, sacks, until);
}

void RocksIncoming::wake() noexcept {
  if (Store* store = use_.if_open()) store->queue.wake(listener_);
}

}  // namespace gnocchi::rocks
