#pragma once

#include <Poco/Channel.h>
#include <Poco/Message.h>

#include <mutex>
#include <string>

/// Where lines go. Internal to core/log.
namespace gnocchi::log {

/// Appends lines to a file, or to standard error. A line is one write(2), so that lines of several
/// processes do not mix either. A write that fails (a full disk) loses its line and nothing else.
class LineChannel final : public Poco::Channel {
 public:
  /// Empty path: standard error. Throws Error{invalid_config} if the file cannot be opened.
  explicit LineChannel(std::string path);
  ~LineChannel() override;
  void log(const Poco::Message& message) override;
  /// Throws Error{unavailable}; the old file then stays in use.
  void reopen();

 private:
  std::string path_;
  std::mutex mutex_;
  int fd_ = -1;
};

/// systemd's journal in its native protocol: level, program and request id are fields of their own.
/// A message that the journal does not take is lost.
class JournalChannel final : public Poco::Channel {
 public:
  explicit JournalChannel(std::string socket_path = "/run/systemd/journal/socket");
  ~JournalChannel() override;
  void log(const Poco::Message& message) override;

 private:
  std::string socket_path_;
  int fd_ = -1;
};

/// The datagram for the journal.
std::string journal_datagram(const Poco::Message& message);

}  // namespace gnocchi::log
