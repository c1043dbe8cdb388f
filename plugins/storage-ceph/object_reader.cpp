#include "object_reader.h"

#include <cerrno>
#include <ctime>
#include <utility>

#include "raw_object.h"

namespace gnocchi::ceph {
namespace {

/// librados wants to be told where to put an object before its size is known. Splits have at most
/// 36,006 bytes, raw series of usual policies some 10 KiB to 100 KiB; room that is not used is
/// never touched and so costs no memory.
constexpr std::size_t kUsualBytes = std::size_t{256} << 10;
/// Room for growth between the read that was too short and the next.
constexpr std::size_t kGrowth = std::size_t{64} << 10;

}  // namespace

struct ObjectReader::Room {
  explicit Room(std::size_t room_bytes)
      : bytes(room_bytes), buffer(std::make_unique_for_overwrite<char[]>(room_bytes)) {}

  const std::size_t bytes;
  const std::unique_ptr<char[]> buffer;
  std::size_t filled = 0;
  int read_result = 0;
  uint64_t size = 0;
  time_t changed = 0;
  int stat_result = 0;
};

ObjectReader::ObjectReader(const Cluster& cluster, OperationCounts& counts)
    : cluster_(cluster), flight_(cluster, counts) {}

ObjectReader::~ObjectReader() = default;

std::shared_ptr<ObjectReader::Room> ObjectReader::usual_room() {
  if (spare_.empty()) return std::make_shared<Room>(kUsualBytes);
  auto room = std::move(spare_.back());
  spare_.pop_back();
  return room;
}

std::vector<std::optional<StoredObject>> ObjectReader::read(std::span<const ObjectRef> refs) {
  objects_.resize(refs.size());
  names_.reserve(refs.size());
  for (const ObjectRef& ref : refs) {
    names_.push_back(object_name(ref));
    raw_.push_back(!ref.split);
    send(names_.size() - 1, usual_room());
  }
  flight_.land();
  return std::move(objects_);
}

void ObjectReader::send(std::size_t index, const std::shared_ptr<Room>& room) {
  const ReadOp op = read_op();
  rados_read_op_stat(op.get(), &room->size, &room->changed, &room->stat_result);
  rados_read_op_read(op.get(), 0, room->bytes, room->buffer.get(), &room->filled,
                     &room->read_result);
  flight_.read(Operation::read, names_[index], op,
               [this, index, room](int result, std::uint64_t version) {
                 if (result == -ENOENT) {
                   spare_.push_back(room);
                   return;
                 }
                 if (result < 0) throw cluster_.error("read " + names_[index], result);
                 take(index, room, version);
               });
}

void ObjectReader::take(std::size_t index, std::shared_ptr<Room> room, std::uint64_t version) {
  if (room->size > room->bytes) {
    send(index, std::make_shared<Room>(room->size + kGrowth));
    return;
  }
  objects_[index] = StoredObject{Bytes(room->buffer.get(), room->filled), version};
  if (room->bytes == kUsualBytes) spare_.push_back(std::move(room));
  if (!raw_[index] || !objects_[index]->data.empty()) return;
  look_at_raw(flight_, cluster_, names_[index], [this, index](const RawState& state) {
    if (!state.series) {
      objects_[index].reset();
    } else if (state.version != objects_[index]->version) {
      send(index, usual_room());  // written since
    }
  });
}

}  // namespace gnocchi::ceph
