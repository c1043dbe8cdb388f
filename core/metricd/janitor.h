#pragma once

#include <cstdint>

#include "core/pipeline/processor.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi::metricd {

/// Removes the data, then the rows, of up to `batch_size` metrics marked as deleted. Holds each
/// sack's lock while it removes, so that no pass that still saw the metric alive writes it again;
/// a sack that is locked is left for the next run. Their pending measures are dropped by the next
/// pass over the sack. Returns how many metrics it removed; repeating it after a crash is harmless.
std::uint64_t expunge_metrics(StorageDriver& storage, IncomingDriver& incoming,
                              IndexerDriver& indexer, CoordinatorDriver& coordinator,
                              const pipeline::Processor& processor, plugin::Log& log,
                              std::uint32_t batch_size);

}  // namespace gnocchi::metricd
