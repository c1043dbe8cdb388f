#pragma once

#include <rados/librados.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "cluster.h"
#include "operation_counts.h"

namespace gnocchi::ceph {

struct ReleaseReadOp {
  void operator()(void* op) const { rados_release_read_op(op); }
};
struct ReleaseWriteOp {
  void operator()(void* op) const { rados_release_write_op(op); }
};
/// A compound operation in the making; what is given to it is copied.
using ReadOp = std::unique_ptr<void, ReleaseReadOp>;
using WriteOp = std::unique_ptr<void, ReleaseWriteOp>;
inline ReadOp read_op() { return ReadOp(rados_create_read_op()); }
inline WriteOp write_op() { return WriteOp(rados_create_write_op()); }

/// Many operations on the way at once, as many as the option ceph_operations_in_flight says.
///
/// Results are handed out in the order of sending, in the caller's thread, by send calls that find
/// too many on the way, and by land(). A handler may send more. What a handler throws comes out of
/// the call that ran it; the destructor then waits for the rest, so whatever reads are read into
/// need only outlive the flight. One thread.
class Flight {
 public:
  /// `result`: 0 or more, or a negative errno; `version` of the object.
  using Done = std::function<void(int result, std::uint64_t version)>;

  Flight(const Cluster& cluster, OperationCounts& counts);
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  ~Flight();

  void read(Operation kind, const std::string& object, const ReadOp& op, Done done);
  void write(Operation kind, const std::string& object, const WriteOp& op, Done done);
  void remove(const std::string& object, Done done);
  /// Until everything has arrived.
  void land();

 private:
  struct Sent {
    rados_completion_t completion;
    Done done;
  };

  rados_completion_t begin(Operation kind);
  void sent(rados_completion_t completion, int submitted, Done done);
  void receive_first();
  /// The older half: one sleep for many answers, while the other half keeps the OSDs busy, and the
  /// operations that take its place are sent together. A sleep for each answer costs more than the
  /// answer.
  void receive_half();

  const Cluster& cluster_;
  OperationCounts& counts_;
  std::deque<Sent> on_the_way_;
};

}  // namespace gnocchi::ceph
