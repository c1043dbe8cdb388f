#include "sack_additions.h"

#include <utility>

namespace gnocchi::ceph {
namespace {

/// An operation of this size is well below what an OSD takes (osd_client_message_size_cap), and one
/// transaction of it is quickly written.
constexpr std::size_t kOperationBytes = std::size_t{8} << 20;

}  // namespace

void SackAdditions::add(std::string key, BytesView value) {
  keys_.push_back(std::move(key));
  values_.push_back(value);
}

void SackAdditions::in_operations(const std::function<void(const WriteOp&)>& send) const {
  for (std::size_t begin = 0; begin < keys_.size();) {
    std::vector<const char*> keys;
    std::vector<const char*> values;
    std::vector<std::size_t> key_sizes;
    std::vector<std::size_t> value_sizes;
    for (std::size_t bytes = 0; begin < keys_.size() && bytes < kOperationBytes; ++begin) {
      keys.push_back(keys_[begin].data());
      key_sizes.push_back(keys_[begin].size());
      values.push_back(values_[begin].data());
      value_sizes.push_back(values_[begin].size());
      bytes += key_sizes.back() + value_sizes.back();
    }
    const WriteOp op = write_op();
    rados_write_op_omap_set2(op.get(), keys.data(), values.data(), key_sizes.data(),
                             value_sizes.data(), keys.size());
    send(op);
  }
}

}  // namespace gnocchi::ceph
