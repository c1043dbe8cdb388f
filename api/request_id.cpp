#include "api/request_id.h"

#include "gnocchi/types.h"

namespace gnocchi::api {

std::string new_request_id() {
  thread_local Uuid id = Uuid::random();
  // The carry would need centuries to reach the bytes that say which kind of UUID this is.
  for (auto byte = id.bytes.rbegin(); ++*byte == 0; ++byte) {
  }
  return "req-" + id.to_string();
}

}  // namespace gnocchi::api
