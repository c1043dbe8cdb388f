#include "pages_ahead.h"

#include <sys/mman.h>

#include <cstdint>

namespace gnocchi::rocks {
namespace {

constexpr std::size_t kPage = 4096;  // or a part of one
constexpr std::size_t kAhead = 32 * kPage;
constexpr std::size_t kFew = 64U << 10;

}  // namespace

void PagesAhead::reach(const char* place, std::size_t bytes) noexcept {
#ifdef MADV_POPULATE_WRITE
  written_ += bytes;
  if (written_ < kFew || (place >= begin_ && place + bytes <= end_)) return;
  begin_ = place - reinterpret_cast<std::uintptr_t>(place) % kPage;
  end_ = begin_ + kAhead;
  // A kernel before Linux 5.14 does not know how, and pages come one by one as ever.
  static_cast<void>(::madvise(const_cast<char*>(begin_), kAhead, MADV_POPULATE_WRITE));
#else
  static_cast<void>(place);
  static_cast<void>(bytes);
#endif
}

}  // namespace gnocchi::rocks
