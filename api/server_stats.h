#pragma once

#include "core/stats/counter.h"

namespace gnocchi::api {

/// What a server counts beside the requests that it hands over. Any thread.
struct ServerStats {
  stats::Counter connections;  ///< accepted
  stats::Counter malformed;    ///< requests refused unread: 400, 411, 413, 414, 431, ...
  stats::Counter expired;      ///< requests whose head or body did not come in time: 408
  stats::Counter overload;     ///< requests refused because too much waits: 503
};

}  // namespace gnocchi::api
