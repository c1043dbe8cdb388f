#include "pending_walk.h"

#include <cerrno>
#include <string_view>

#include "omap_page.h"

namespace gnocchi::ceph {

void walk_pending(Flight& flight, const Cluster& cluster, std::shared_ptr<PendingWalk> walk) {
  auto page = std::make_shared<OmapPage>();
  const std::string after = walk->found.empty() ? std::string() : walk->found.back().first;
  const ReadOp op = page->ask_for_values(after, walk->prefix, kPageKeys);
  const std::string object = walk->object;
  flight.read(Operation::read, object, op,
              [&flight, &cluster, walk = std::move(walk), page](int result, std::uint64_t) {
                if (result == -ENOENT) return;
                if (result < 0) throw cluster.error("read " + walk->object, result);
                std::string_view key;
                std::string_view value;
                bool any = false;
                while (*walk->room && page->next(key, value)) {
                  any = true;
                  walk->found.emplace_back(key, value);
                  if (value.size() > **walk->room)
                    walk->room->reset();
                  else
                    **walk->room -= value.size();
                }
                if (page->more() && any && *walk->room) walk_pending(flight, cluster, walk);
              });
}

}  // namespace gnocchi::ceph
