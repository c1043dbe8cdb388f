#include "core/service/allocator.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace gnocchi::service {

void keep_freed_memory() noexcept {
#ifdef __GLIBC__
  // What a query over a thousand metrics takes; each thread may come to keep as much. By default
  // little more than the largest block so far is kept, and a request that takes a few megabytes in
  // small blocks spends up to half of its time on faults of pages that it had before.
  constexpr int kKept = 8 << 20;
  mallopt(M_TRIM_THRESHOLD, kKept);
  // Beyond it all but this is given back. A heap also grows by it, though only by what is touched.
  mallopt(M_TOP_PAD, kKept / 2);
  // Setting one of them ends the other's adjustment: a body of some 100 KB would be mapped anew.
  mallopt(M_MMAP_THRESHOLD, kKept);
#endif
}

void populate_heap(std::size_t bytes) noexcept {
#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE)
  void* block = std::malloc(bytes);
  if (block == nullptr) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(block) & ~(page - 1);
  const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(block) + bytes;
  // A kernel before Linux 5.14 does not know how, and pages come one by one as ever.
  static_cast<void>(::madvise(reinterpret_cast<void*>(first), end - first, MADV_POPULATE_WRITE));
  std::free(block);  // kept, see above
#else
  static_cast<void>(bytes);
#endif
}

}  // namespace gnocchi::service
