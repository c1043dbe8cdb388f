#pragma once

#include <string>
#include <thread>

#include "database.h"
#include "gnocchi/plugin/context.h"

namespace gnocchi::rocks {

/// The name of the socket, in the database's directory.
inline constexpr char kBackupSocket[] = "backup.sock";

/// Makes copies of the open database for gnocchi-backup, which cannot open it itself.
///
/// A Unix socket that only the server's user can reach; a client writes the directory of the copy
/// and a newline, and reads "ok" or what went wrong, and a newline. One client at a time.
class BackupService {
 public:
  /// Without a socket (a full disk, say) there are no copies; the reason is logged.
  BackupService(Database& database, plugin::Log& log);
  ~BackupService();
  BackupService(const BackupService&) = delete;
  BackupService& operator=(const BackupService&) = delete;

 private:
  void listen();
  void serve(const std::stop_token& stop);
  void answer(int client);

  Database& database_;
  int socket_ = -1;
  int stop_event_ = -1;
  std::jthread thread_;
};

/// The client's side: has the process that holds the database copy it. False: none does. Throws
/// Error{unavailable} with what the server said.
[[nodiscard]] bool ask_for_backup(const std::string& database_path, const std::string& directory);

}  // namespace gnocchi::rocks
