#pragma once

#include <string_view>

struct sqlite3;

namespace gnocchi::sqlite {

/// Throws the SqlError of a result code of the connection's last call. `statement`: what was run.
[[noreturn]] void raise(sqlite3* database, int code, std::string_view statement);

}  // namespace gnocchi::sqlite
