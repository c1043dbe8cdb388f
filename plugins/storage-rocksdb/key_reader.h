#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "database.h"
#include "gnocchi/types.h"

namespace gnocchi::rocks {

/// Reads many keys of one column family in the order in which they are stored, so that those of
/// one block cost one look. One thread, one use.
class KeyReader {
 public:
  KeyReader(Database& database, Family family) : database_(database), family_(family) {}

  /// `key` stays where it is until read().
  void add(BytesView key, std::size_t place) { wanted_.push_back({key, place}); }

  /// Calls `found` for each key that is there, with the place it was added under and its value,
  /// which is gone after the call. Throws Error: "ACTION: ...".
  void read(std::string_view action,
            const std::function<void(std::size_t place, BytesView value)>& found);

 private:
  struct Wanted {
    BytesView key;
    std::size_t place;
  };

  Database& database_;
  Family family_;
  std::vector<Wanted> wanted_;
};

}  // namespace gnocchi::rocks
