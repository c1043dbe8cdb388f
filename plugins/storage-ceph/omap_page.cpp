#include "omap_page.h"

#include <cerrno>

namespace gnocchi::ceph {

OmapPage::~OmapPage() {
  if (entries_ != nullptr) rados_omap_get_end(entries_);
}

ReadOp OmapPage::ask_for_values(const std::string& after, const std::string& prefix,
                                std::size_t most) {
  ReadOp op = read_op();
  rados_read_op_omap_get_vals2(op.get(), after.c_str(), prefix.c_str(), most, &entries_, &more_,
                               &result_);
  return op;
}

ReadOp OmapPage::ask_for_keys(const std::string& after, std::size_t most) {
  ReadOp op = read_op();
  rados_read_op_omap_get_keys2(op.get(), after.c_str(), most, &entries_, &more_, &result_);
  return op;
}

bool OmapPage::next(std::string_view& key, std::string_view& value) {
  char* key_text = nullptr;
  char* value_text = nullptr;
  std::size_t key_size = 0;
  std::size_t value_size = 0;
  if (rados_omap_get_next2(entries_, &key_text, &value_text, &key_size, &value_size) < 0 ||
      key_text == nullptr) {
    return false;
  }
  key = {key_text, key_size};
  value = {value_text, value_size};
  return true;
}

void walk_keys(Flight& flight, const Cluster& cluster, std::shared_ptr<KeyWalk> walk,
               const std::string& after) {
  auto page = std::make_shared<OmapPage>();
  const ReadOp op = page->ask_for_keys(after, kPageKeys);
  const std::string object = walk->object;
  flight.read(Operation::list, object, op,
              [&flight, &cluster, walk = std::move(walk), page](int result, std::uint64_t) {
                if (result == -ENOENT) return;
                if (result < 0) throw cluster.error(walk->action, result);
                std::string_view key;
                std::string_view value;
                std::string last;
                while (page->next(key, value)) {
                  if (!walk->take(key)) return;
                  last = key;
                }
                if (page->more() && !last.empty()) walk_keys(flight, cluster, walk, last);
              });
}

}  // namespace gnocchi::ceph
