#pragma once

#include <vector>

#include "gnocchi/types.h"

namespace gnocchi::api {

/// The fast lane of measure lists. Takes the measures at `text`, which stands behind a list's '['
/// or before one of its items, as long as they are plain: exactly a "timestamp" (a number, or a
/// text without escapes that is an absolute time) and a "value" (a number without exponent), in
/// either order. Appends them to `out` and returns where the first item that is not plain, or the
/// ']', begins: from there on a full parser must read. `text` is NUL-terminated. Never refuses
/// anything: what is wrong is not plain.
const char* read_plain_measures(const char* text, Timestamp now, std::vector<Measure>& out);

}  // namespace gnocchi::api
