#pragma once

#include "core/stats/text.h"

namespace gnocchi::stats {

/// Memory, CPU time, descriptors, threads and start time of this process, under the names that
/// Prometheus's own client libraries give them. What the kernel does not tell is left out.
void add_process(Text& text);

}  // namespace gnocchi::stats
