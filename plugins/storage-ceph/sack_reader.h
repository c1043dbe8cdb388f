#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flight.h"
#include "gnocchi/incoming.h"
#include "gnocchi/plugin/context.h"
#include "omap_page.h"

namespace gnocchi::ceph {

/// The keys that a batch was read from.
struct CephReceipt final : Receipt {
  std::vector<std::string> keys;
};

/// Reads the bundles of one sack, page after page, until there is no more or enough. One thread,
/// one use.
class SackReader {
 public:
  SackReader(const Cluster& cluster, OperationCounts& counts, plugin::Log& log, std::string object);

  SackBatch read(SackNumber sack, std::size_t max_bytes);

 private:
  std::unique_ptr<OmapPage> next_page();
  void take(std::string_view key, std::string_view value);
  std::size_t page_keys() const;
  void put_in_order(std::vector<Bundle>& bundles);

  const Cluster& cluster_;
  OperationCounts& counts_;
  plugin::Log& log_;
  const std::string object_;
  std::size_t max_bytes_ = 0;
  std::size_t bytes_ = 0;
  std::string last_key_;
  SackBatch batch_;
  std::vector<std::string> bundle_keys_;  ///< of batch_.bundles
  std::unique_ptr<CephReceipt> receipt_;
};

}  // namespace gnocchi::ceph
