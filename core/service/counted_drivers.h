#pragma once

#include <memory>

#include "core/service/driver_calls.h"
#include "core/stats/counter.h"
#include "gnocchi/auth.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/storage.h"

/// Drivers that hand each call on to another and count it: neither drivers nor their callers know
/// of it. `calls` outlives what is made.
namespace gnocchi::service {

/// What an incoming driver was given to keep.
struct Accepted {
  stats::Counter bundles;
  stats::Counter measures;

  void describe(stats::Text& text) const;
};

std::unique_ptr<StorageDriver> counted(std::unique_ptr<StorageDriver> driver, DriverCalls& calls);
/// `accepted` outlives what is made.
std::unique_ptr<IncomingDriver> counted(std::unique_ptr<IncomingDriver> driver, DriverCalls& calls,
                                        Accepted& accepted);
std::unique_ptr<IndexerDriver> counted(std::unique_ptr<IndexerDriver> driver, DriverCalls& calls);
std::unique_ptr<CoordinatorDriver> counted(std::unique_ptr<CoordinatorDriver> driver,
                                           DriverCalls& calls);
std::unique_ptr<AuthenticatorDriver> counted(std::unique_ptr<AuthenticatorDriver> driver,
                                             DriverCalls& calls);

}  // namespace gnocchi::service
