#include "database.h"

#include <rocksdb/utilities/checkpoint.h>

#include <filesystem>

#include "families.h"
#include "gnocchi/error.h"
#include "lean_file_system.h"
#include "status.h"

namespace gnocchi::rocks {
namespace {

constexpr char kFormatKey[] = "format";
constexpr char kFormat[] = "2";
/// A predecessor that is being stopped has ended by then.
constexpr std::chrono::seconds kLockPatience{3};
constexpr std::chrono::milliseconds kLockPause{100};
constexpr std::size_t kMostLogs = 8;

/// RocksDB has no code of its own for it.
bool is_locked(const rocksdb::Status& status) {
  return status.IsIOError() && status.ToString().find("lock ") != std::string::npos;
}

[[noreturn]] void fail_locked(const std::string& path) {
  throw Error(Error::Code::invalid_config,
              "open " + path +
                  ": locked by another process, and RocksDB serves one; use gnocchi-server, which "
                  "is API and metricd in one process, or storage driver = file");
}

}  // namespace

bool Database::exists(const std::string& path) {
  std::error_code fault;
  const bool found = std::filesystem::exists(path + "/CURRENT", fault);
  if (!fault) return found;
  throw Error(fault == std::errc::permission_denied ? Error::Code::invalid_config
                                                    : Error::Code::unavailable,
              "look for a database in " + path + ": " + fault.message());
}

Database::Database(const DatabaseOptions& options, bool create,
                   const std::shared_ptr<InfoLog>& info_log)
    : options_(options), env_(rocksdb::NewCompositeEnv(std::make_shared<LeanFileSystem>())) {
  open(create, info_log);
  try {
    check_format(create);
    give_up_old_logs();
  } catch (...) {
    for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
    throw;
  }
  if (options_.sync == SyncMode::interval) {
    syncer_ = std::jthread([this](const std::stop_token& stop) { sync_regularly(stop); });
  }
}

Database::~Database() {
  if (syncer_.joinable()) {
    syncer_.request_stop();
    syncer_.join();
  }
  // What was written is in the log; that it is on the disk, too, is what a mode other than off is
  // for. Errors were told to those who wrote.
  if (options_.sync != SyncMode::off) sync().PermitUncheckedError();
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

void Database::open(bool create, const std::shared_ptr<InfoLog>& info_log) {
  if (create) {
    std::error_code failed;
    if (std::filesystem::create_directories(options_.path, failed)) {
      using std::filesystem::perms;
      const auto kept_from_others = perms::owner_all | perms::group_read | perms::group_exec;
      std::filesystem::permissions(options_.path, kept_from_others, failed);
    }
    if (failed) {
      throw Error(Error::Code::unavailable, "create " + options_.path + ": " + failed.message());
    }
  }
  rocksdb::DBOptions settings = database_settings(options_, create);
  settings.info_log = info_log;
  settings.env = env_.get();
  const auto descriptors = family_descriptors(options_);
  const auto until = std::chrono::steady_clock::now() + kLockPatience;
  while (true) {
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(settings, options_.path, descriptors, &handles, &opened);
    if (status.ok()) {
      db_.reset(opened);
      std::copy(handles.begin(), handles.end(), families_.begin());
      return;
    }
    if (!is_locked(status)) fail("open " + options_.path, status);
    if (std::chrono::steady_clock::now() >= until) fail_locked(options_.path);
    std::this_thread::sleep_for(kLockPause);
  }
}

void Database::check_format(bool create) {
  std::string format;
  const auto status = db_->Get({}, family(Family::settings), kFormatKey, &format);
  if (status.IsNotFound() && create) {
    rocksdb::WriteBatch batch;
    batch.Put(family(Family::settings), kFormatKey, kFormat);
    write(batch, "create " + options_.path);
    return;
  }
  if (status.IsNotFound()) {
    throw Error(Error::Code::invalid_config,
                "open " + options_.path + ": not made to its end, run gnocchi-upgrade");
  }
  check("open " + options_.path, status);
  if (format != kFormat) {
    throw Error(Error::Code::invalid_config, "open " + options_.path + ": its format is " + format +
                                                 ", this program knows " + kFormat);
  }
}

void Database::give_up_old_logs() {
  std::size_t logs = 0;
  std::error_code fault;  // leaves them uncounted, until the next start
  for (std::filesystem::directory_iterator file(options_.path, fault), end; !fault && file != end;
       file.increment(fault)) {
    if (file->path().extension() == ".log") ++logs;
  }
  if (logs <= kMostLogs) return;
  // Where the disk is full, the next start tries again.
  const auto written = db_->Put({}, family(Family::settings), kFormatKey, kFormat);
  if (written.ok()) db_->Flush({}, family(Family::settings)).PermitUncheckedError();
}

void Database::write(rocksdb::WriteBatch& batch, std::string_view action) {
  rocksdb::WriteOptions how;
  how.sync = options_.sync == SyncMode::commit;
  write(how, batch, action);
}

void Database::write_unsynced(rocksdb::WriteBatch& batch, std::string_view action) {
  write({}, batch, action);
}

void Database::write(const rocksdb::WriteOptions& how, rocksdb::WriteBatch& batch,
                     std::string_view action) {
  if (sync_failed_.exchange(false)) {
    throw Error(Error::Code::unavailable,
                std::string(action) + ": the last regular sync of " + options_.path + " failed");
  }
  check(action, db_->Write(how, &batch));
}

rocksdb::Status Database::sync() {
  rocksdb::WriteOptions how;
  how.sync = true;
  rocksdb::WriteBatch nothing;
  return db_->Write(how, &nothing);
}

void Database::sync_regularly(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::uint64_t synced = 0;
  while (!stop.stop_requested()) {
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, options_.sync_interval, [] { return false; });
    const std::uint64_t written = next_number();
    if (written == synced) continue;
    if (sync().ok()) {
      synced = written;
    } else {
      sync_failed_ = true;
    }
  }
}

void Database::copy_to(const std::string& directory) {
  const std::string action = "copy " + options_.path + " to " + directory;
  check(action, sync());
  rocksdb::Checkpoint* made = nullptr;
  check(action, rocksdb::Checkpoint::Create(db_.get(), &made));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // Not 0: memory is not written out first, the log comes along instead.
  constexpr std::uint64_t kLogInstead = std::uint64_t{1} << 62;
  check(action, checkpoint->CreateCheckpoint(directory, kLogInstead));
}

}  // namespace gnocchi::rocks
