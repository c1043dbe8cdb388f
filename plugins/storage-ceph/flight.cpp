#include "flight.h"

#include <utility>

namespace gnocchi::ceph {

Flight::Flight(const Cluster& cluster, OperationCounts& counts)
    : cluster_(cluster), counts_(counts) {}

Flight::~Flight() {
  for (const Sent& each : on_the_way_) {
    rados_aio_wait_for_complete(each.completion);
    rados_aio_release(each.completion);
  }
}

rados_completion_t Flight::begin(Operation kind) {
  while (on_the_way_.size() >= cluster_.options().in_flight) receive_half();
  counts_.add(kind);
  rados_completion_t completion = nullptr;
  rados_aio_create_completion2(nullptr, nullptr, &completion);
  return completion;
}

void Flight::sent(rados_completion_t completion, int submitted, Done done) {
  if (submitted < 0) {
    rados_aio_release(completion);
    done(submitted, 0);
    return;
  }
  on_the_way_.push_back({completion, std::move(done)});
}

void Flight::read(Operation kind, const std::string& object, const ReadOp& op, Done done) {
  const auto completion = begin(kind);
  sent(completion,
       rados_aio_read_op_operate(op.get(), cluster_.io(), completion, object.c_str(), 0),
       std::move(done));
}

void Flight::write(Operation kind, const std::string& object, const WriteOp& op, Done done) {
  const auto completion = begin(kind);
  sent(completion,
       rados_aio_write_op_operate(op.get(), cluster_.io(), completion, object.c_str(), nullptr, 0),
       std::move(done));
}

void Flight::remove(const std::string& object, Done done) {
  const auto completion = begin(Operation::remove);
  sent(completion, rados_aio_remove(cluster_.io(), object.c_str(), completion), std::move(done));
}

void Flight::receive_first() {
  Sent first = std::move(on_the_way_.front());
  on_the_way_.pop_front();
  rados_aio_wait_for_complete(first.completion);
  const int result = rados_aio_get_return_value(first.completion);
  const std::uint64_t version = rados_aio_get_version(first.completion);
  rados_aio_release(first.completion);
  first.done(result, version);
}

void Flight::receive_half() {
  const std::size_t rest = on_the_way_.size() / 2;
  rados_aio_wait_for_complete(on_the_way_[(on_the_way_.size() - 1) / 2].completion);
  while (on_the_way_.size() > rest) receive_first();
}

void Flight::land() {
  while (!on_the_way_.empty()) receive_half();
}

}  // namespace gnocchi::ceph
