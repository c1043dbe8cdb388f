#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flight.h"
#include "gnocchi/storage.h"

namespace gnocchi::ceph {

/// Reads many whole objects, each as it is at one moment: one operation each, unless an object is
/// larger than expected, when it is read again with room for all of it. One thread, one use.
class ObjectReader {
 public:
  ObjectReader(const Cluster& cluster, OperationCounts& counts);
  ~ObjectReader();

  /// One entry per ref, in the order asked.
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs);

 private:
  struct Room;

  void send(std::size_t index, const std::shared_ptr<Room>& room);
  void take(std::size_t index, std::shared_ptr<Room> room, std::uint64_t version);
  std::shared_ptr<Room> usual_room();

  const Cluster& cluster_;
  std::vector<std::string> names_;
  std::vector<bool> raw_;  ///< by index: whether it is a raw series
  std::vector<std::optional<StoredObject>> objects_;
  std::vector<std::shared_ptr<Room>> spare_;
  Flight flight_;  // last: what it reads into goes after it
};

}  // namespace gnocchi::ceph
