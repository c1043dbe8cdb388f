#pragma once

#include <memory>

#include "gnocchi/auth.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/storage.h"

namespace gnocchi::service {

/// The drivers of a process, as gnocchi.conf chose them. Those a program does not need are null.
struct Drivers {
  std::unique_ptr<StorageDriver> storage;
  std::unique_ptr<IncomingDriver> incoming;
  std::unique_ptr<IndexerDriver> indexer;
  std::unique_ptr<CoordinatorDriver> coordinator;
  std::unique_ptr<AuthenticatorDriver> authenticator;
};

}  // namespace gnocchi::service
