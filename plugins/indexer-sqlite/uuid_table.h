#pragma once

struct sqlite3;

namespace gnocchi::sqlite {

/// Makes the table-valued function uuids(BLOB) known to a connection: a row with a column `id` for
/// each 16 bytes. A list of any length is one parameter, and nothing to parse.
/// Returns SQLite's result code.
int add_uuid_table(sqlite3* database) noexcept;

}  // namespace gnocchi::sqlite
