#include "pages_ahead.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace gnocchi::rocks {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::size_t kMappedPages = 256;
constexpr std::size_t kMapped = kMappedPages * kPageBytes;
constexpr std::size_t kEntryBytes = 100;

/// Zeros, and behind them a page that nobody may touch.
class Mapping {
 public:
  Mapping() {
    void* mapped = ::mmap(nullptr, kMapped + kPageBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(mapped, MAP_FAILED);
    begin_ = static_cast<char*>(mapped);
    ::madvise(begin_, kMapped, MADV_NOHUGEPAGE);
    EXPECT_EQ(::mprotect(begin_ + kMapped, kPageBytes, PROT_NONE), 0);
  }
  ~Mapping() { ::munmap(begin_, kMapped + kPageBytes); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  char* begin() const { return begin_; }

 private:
  char* begin_ = nullptr;
};

bool kernel_gives_many() {
  const Mapping mapping;
  return ::madvise(mapping.begin(), kPageBytes, MADV_POPULATE_WRITE) == 0;
}

bool is_there(const char* page) {
  unsigned char there = 0;
  EXPECT_EQ(::mincore(const_cast<char*>(page), kPageBytes, &there), 0);
  return (there & 1U) != 0;
}

/// Pages that were not there when entries came to them that filled the mapping.
std::size_t pages_missed(char* begin, bool ahead) {
  PagesAhead pages;
  std::size_t seen = 0;
  std::size_t missed = 0;
  for (std::size_t at = 0; at + kEntryBytes <= kMapped; at += kEntryBytes) {
    if (ahead) pages.reach(begin + at, kEntryBytes);
    if ((at + kEntryBytes - 1) / kPageBytes >= seen) {
      if (!is_there(begin + seen * kPageBytes)) ++missed;
      ++seen;
    }
    std::memset(begin + at, 'x', kEntryBytes);
  }
  EXPECT_EQ(seen, kMappedPages);
  return missed;
}

TEST(PagesAhead, AreThere) {
  if (!kernel_gives_many()) GTEST_SKIP() << "a kernel before Linux 5.14";
  const Mapping without;
  EXPECT_EQ(pages_missed(without.begin(), false), kMappedPages);
  const Mapping with;
  EXPECT_LE(pages_missed(with.begin(), true), 16U) << "all but the first, as there may be no more";
}

TEST(PagesAhead, ChangeNothing) {
  const Mapping mapping;
  std::fill_n(mapping.begin(), kMapped, 'y');
  PagesAhead pages;
  for (std::size_t at = 0; at + kEntryBytes <= kMapped; at += kEntryBytes) {
    pages.reach(mapping.begin() + at, kEntryBytes);
  }
  EXPECT_EQ(std::count(mapping.begin(), mapping.begin() + kMapped, 'y'),
            static_cast<std::ptrdiff_t>(kMapped));
}

}  // namespace
}  // namespace gnocchi::rocks
