#pragma once

#include <cstddef>

namespace gnocchi::service {

/// Has the C library keep what is freed for the next request, within bounds, instead of giving it
/// back to the kernel each time. Before other threads start.
void keep_freed_memory() noexcept;

/// Has the kernel give the calling thread's heap so many bytes at once that it is about to fill.
/// Page by page each takes a fault, which on virtual machines may cost ten times as much.
void populate_heap(std::size_t bytes) noexcept;

}  // namespace gnocchi::service
