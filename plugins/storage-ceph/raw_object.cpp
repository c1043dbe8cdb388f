#include "raw_object.h"

#include <cerrno>
#include <ctime>
#include <memory>
#include <string_view>

namespace gnocchi::ceph {
namespace {

struct Look {
  Look() = default;
  Look(const Look&) = delete;
  Look& operator=(const Look&) = delete;
  ~Look() {
    if (attributes != nullptr) rados_getxattrs_end(attributes);
  }

  bool marked() const {
    const char* name = nullptr;
    const char* value = nullptr;
    std::size_t value_size = 0;
    while (rados_getxattrs_next(attributes, &name, &value, &value_size) == 0 && name != nullptr) {
      if (std::string_view(name) == kNoRawAttribute) return true;
    }
    return false;
  }

  uint64_t size = 0;
  time_t changed = 0;
  int stat_result = 0;
  rados_xattrs_iter_t attributes = nullptr;
  int attributes_result = 0;
};

}  // namespace

void look_at_raw(Flight& flight, const Cluster& cluster, const std::string& object,
                 std::function<void(const RawState&)> done) {
  auto look = std::make_shared<Look>();
  const ReadOp op = read_op();
  rados_read_op_stat(op.get(), &look->size, &look->changed, &look->stat_result);
  rados_read_op_getxattrs(op.get(), &look->attributes, &look->attributes_result);
  flight.read(Operation::check, object, op,
              [&cluster, object, look, done = std::move(done)](int result, std::uint64_t version) {
                RawState state;
                if (result != -ENOENT) {
                  if (result < 0) throw cluster.error("look at " + object, result);
                  state = {true, look->size > 0 || !look->marked(), version};
                }
                done(state);
              });
}

}  // namespace gnocchi::ceph
