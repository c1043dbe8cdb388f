#pragma once

namespace gnocchi::service {

/// Has the C library keep what is freed for the next request, within bounds, instead of giving it
/// back to the kernel each time. Before other threads start.
void keep_freed_memory() noexcept;

}  // namespace gnocchi::service
