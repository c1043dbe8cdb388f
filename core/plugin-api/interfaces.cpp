// The out-of-line parts of the driver interfaces, so that their vtables and type information live
// in one library.
#include <algorithm>

#include "gnocchi/auth.h"
#include "gnocchi/coordinator.h"
#include "gnocchi/driver.h"
#include "gnocchi/incoming.h"
#include "gnocchi/indexer.h"
#include "gnocchi/plugin/context.h"
#include "gnocchi/storage.h"

namespace gnocchi {

namespace plugin {
Options::~Options() = default;
Log::~Log() = default;
}  // namespace plugin

Driver::Driver() = default;
Driver::~Driver() = default;
std::vector<OperationCount> Driver::operations() const { return {}; }
Receipt::Receipt() = default;
Receipt::~Receipt() = default;
HeldLock::HeldLock() = default;
HeldLock::~HeldLock() = default;
ArchivePolicyIndex::~ArchivePolicyIndex() = default;
ResourceTypeIndex::~ResourceTypeIndex() = default;
ResourceIndex::~ResourceIndex() = default;
MetricIndex::~MetricIndex() = default;

namespace {
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool equal_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}
}  // namespace

std::optional<std::string_view> RequestHead::header(std::string_view name) const noexcept {
  for (const auto& [key, value] : headers) {
    if (equal_without_case(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace gnocchi
