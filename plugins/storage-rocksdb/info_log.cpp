#include "info_log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "lean_file_system.h"

namespace gnocchi::rocks {
namespace {

constexpr std::size_t kLongestMessage = 500;

}  // namespace

void InfoLog::add(plugin::Log& log) {
  const std::scoped_lock guard(mutex_);
  logs_.push_back(&log);
}

void InfoLog::remove(const plugin::Log& log) noexcept {
  const std::scoped_lock guard(mutex_);
  const auto found = std::find(logs_.begin(), logs_.end(), &log);
  if (found != logs_.end()) logs_.erase(found);
}

void InfoLog::Logv(const char* format, va_list arguments) {
  Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
}

void InfoLog::Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
  if (level < GetInfoLogLevel()) return;
  std::array<char, kLongestMessage> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  if (std::string_view(text.data()).find(kNoOptionsFile) != std::string_view::npos) return;
  std::string message = std::string("rocksdb: ") + text.data();
  const std::scoped_lock guard(mutex_);
  if (logs_.empty() || message == last_) return;
  if (level == rocksdb::InfoLogLevel::WARN_LEVEL)
    logs_.front()->warning(message);
  else
    logs_.front()->error(message);
  last_ = std::move(message);
}

}  // namespace gnocchi::rocks
