#pragma once

#include <memory>

#include "indexer-sql/db.h"

namespace gnocchi::sql {

/// Connects and sets the session up. Throws SqlError.
std::unique_ptr<Connection> connect(const Dialect& dialect);

}  // namespace gnocchi::sql
