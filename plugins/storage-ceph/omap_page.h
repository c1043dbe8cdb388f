#pragma once

#include <rados/librados.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "flight.h"

namespace gnocchi::ceph {

/// Some consecutive entries of an object's omap, in order of their keys.
class OmapPage {
 public:
  OmapPage() = default;
  OmapPage(const OmapPage&) = delete;
  OmapPage& operator=(const OmapPage&) = delete;
  ~OmapPage();

  /// Entries after `after` whose keys start with `prefix`.
  ReadOp ask_for_values(const std::string& after, const std::string& prefix, std::size_t most);
  ReadOp ask_for_keys(const std::string& after, std::size_t most);

  /// The next entry, once the operation has arrived; false: no more in this page.
  bool next(std::string_view& key, std::string_view& value);
  /// Whether there is more in the object after this page.
  bool more() const { return more_ != 0; }

 private:
  rados_omap_iter_t entries_ = nullptr;
  unsigned char more_ = 0;
  int result_ = 0;
};

/// What an OSD gives at once, by its default osd_max_omap_entries_per_request of 1,024.
inline constexpr std::size_t kPageKeys = 1000;

/// All keys of an object's omap, page after page; none where there is no such object.
struct KeyWalk {
  std::string object;
  std::string action;                              ///< for messages: "list incoming128-5"
  std::function<bool(std::string_view key)> take;  ///< false: enough
};
/// Sends for the first page; `cluster` outlives the flight.
void walk_keys(Flight& flight, const Cluster& cluster, std::shared_ptr<KeyWalk> walk,
               const std::string& after = {});

}  // namespace gnocchi::ceph
