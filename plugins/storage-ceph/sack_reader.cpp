#include "sack_reader.h"

#include <algorithm>
#include <cerrno>
#include <numeric>
#include <utility>

#include "measure_keys.h"

namespace gnocchi::ceph {
namespace {

/// Few enough that large bundles do not fill the memory, enough for most sacks.
constexpr std::size_t kFirstPage = 256;
/// At least so many, however large bundles have been so far.
constexpr std::size_t kSmallestPage = 8;

}  // namespace

SackReader::SackReader(const Cluster& cluster, OperationCounts& counts, plugin::Log& log,
                       std::string object)
    : cluster_(cluster),
      counts_(counts),
      log_(log),
      object_(std::move(object)),
      receipt_(std::make_unique<CephReceipt>()) {}

/// As many as there is room for, by the size of those that have come.
std::size_t SackReader::page_keys() const {
  if (bundle_keys_.empty()) return kFirstPage;
  const std::size_t each = std::max<std::size_t>(1, bytes_ / bundle_keys_.size());
  return std::clamp((max_bytes_ - bytes_) / each + 1, kSmallestPage, kPageKeys);
}

std::unique_ptr<OmapPage> SackReader::next_page() {
  auto page = std::make_unique<OmapPage>();
  const ReadOp op = page->ask_for_values(last_key_, "", page_keys());
  bool there = true;
  Flight flight(cluster_, counts_);
  flight.read(Operation::read, object_, op, [&](int result, std::uint64_t) {
    there = result != -ENOENT;
    if (there && result < 0) throw cluster_.error("read " + object_, result);
  });
  flight.land();
  return there ? std::move(page) : nullptr;
}

void SackReader::take(std::string_view key, std::string_view value) {
  receipt_->keys.emplace_back(key);
  if (const auto metric = metric_of(key)) {
    batch_.bundles.push_back({*metric, Bytes(value)});
    bundle_keys_.emplace_back(key);
    bytes_ += value.size();
  } else {
    log_.warning("not a bundle, dropped object=" + object_ + " key=\"" + std::string(key) + '"');
  }
}

SackBatch SackReader::read(SackNumber sack, std::size_t max_bytes) {
  batch_.sack = sack;
  max_bytes_ = max_bytes;
  for (bool more = true; more;) {
    const auto page = next_page();
    if (!page) break;
    more = page->more();
    std::string_view key;
    std::string_view value;
    while (page->next(key, value)) {
      if (bytes_ >= max_bytes && !batch_.bundles.empty()) {
        batch_.more = true;
        more = false;
        break;
      }
      take(key, value);
      last_key_ = key;
    }
    if (more && bytes_ >= max_bytes && !batch_.bundles.empty()) {
      batch_.more = true;
      break;
    }
  }
  put_in_order(batch_.bundles);
  if (!receipt_->keys.empty()) batch_.receipt = std::move(receipt_);
  return std::move(batch_);
}

/// Keys sort by metric first, and Python's then at random.
void SackReader::put_in_order(std::vector<Bundle>& bundles) {
  for (std::size_t begin = 0; begin < bundles.size();) {
    std::size_t end = begin + 1;
    while (end < bundles.size() && bundles[end].metric == bundles[begin].metric) ++end;
    std::vector<std::size_t> order(end - begin);
    std::iota(order.begin(), order.end(), begin);
    std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      return arrived_before(bundle_keys_[a], bundle_keys_[b]);
    });
    if (!std::is_sorted(order.begin(), order.end())) {
      std::vector<Bundle> ordered;
      ordered.reserve(order.size());
      for (const std::size_t from : order) ordered.push_back(std::move(bundles[from]));
      std::move(ordered.begin(), ordered.end(),
                bundles.begin() + static_cast<std::ptrdiff_t>(begin));
    }
    begin = end;
  }
}

}  // namespace gnocchi::ceph
