#include "core/service/allocator.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstddef>
#include <memory>
#include <thread>

namespace gnocchi::service {
namespace {

constexpr std::size_t kPage = 4096;
constexpr long kPages = 768;

/// Pages that the kernel gave this thread, each for itself, while it filled so many.
long faults_of_filling() {
  rusage before{};
  rusage after{};
  ::getrusage(RUSAGE_THREAD, &before);
  const std::unique_ptr<char[]> filled(new char[kPages * kPage]);
  volatile char* const bytes = filled.get();
  for (std::size_t i = 0; i < kPages * kPage; i += kPage) bytes[i] = 1;
  ::getrusage(RUSAGE_THREAD, &after);
  return after.ru_minflt - before.ru_minflt;
}

bool kernel_populates() {
  void* page = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const bool does = ::madvise(page, kPage, MADV_POPULATE_WRITE) == 0;
  ::munmap(page, kPage);
  return does;
}

TEST(Allocator, APopulatedHeapIsFilledWithoutFaults) {
  if (TEST_SANITIZED) GTEST_SKIP() << "a sanitizer's heap";
  if (!kernel_populates()) GTEST_SKIP() << "a kernel before Linux 5.14";
  keep_freed_memory();
  long faults = kPages;
  std::thread([&faults] {
    populate_heap((kPages + 1) * kPage);
    faults = faults_of_filling();
  }).join();
  EXPECT_LT(faults, kPages / 8);
}

}  // namespace
}  // namespace gnocchi::service
