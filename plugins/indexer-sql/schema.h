#pragma once

#include "indexer-sql/db.h"

namespace gnocchi::sql {

/// The revision (of Python Gnocchi's alembic) that this code works with: Gnocchi 4.7's.
inline constexpr char kHead[] = "f89ed2e3c2ec";
/// The oldest one that is taken over: Gnocchi 4.4's.
inline constexpr char kOldest[] = "04eba72e4f90";

/// Creates the tables, or brings them to the head. May be run again after it was interrupted.
/// Throws Error{invalid_config} for a revision that it does not know.
void upgrade_schema(Db& db);

}  // namespace gnocchi::sql
