#pragma once

#include <rocksdb/env.h>

#include <mutex>
#include <string>
#include <vector>

#include "gnocchi/plugin/context.h"

namespace gnocchi::rocks {

/// RocksDB's own warnings and errors, for the log of one of the drivers that use the database.
///
/// In place of RocksDB's file LOG, which is written anew at each start, and on which Debian's
/// RocksDB, built with its assertions, aborts once the disk has been full twice. Any thread.
class InfoLog final : public rocksdb::Logger {
 public:
  InfoLog() : Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}

  /// The log must stay until it is taken out again. With none, messages are dropped.
  void add(plugin::Log& log);
  void remove(const plugin::Log& log) noexcept;

  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override;
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override;
  /// Options, version, host: what the configuration and gnocchi-plugin-info say.
  void LogHeader(const char*, va_list) override {}

 private:
  std::mutex mutex_;
  std::vector<plugin::Log*> logs_;
  std::string last_;  ///< is not said twice: what is tried again fails for the same reason
};

}  // namespace gnocchi::rocks
