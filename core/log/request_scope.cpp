#include <utility>

#include "core/log/log.h"

namespace gnocchi::log {
namespace {
thread_local std::string current_id;
}

RequestScope::RequestScope(std::string id) : outer_(std::exchange(current_id, std::move(id))) {}
RequestScope::~RequestScope() { current_id = std::move(outer_); }
const std::string& RequestScope::current() noexcept { return current_id; }

}  // namespace gnocchi::log
