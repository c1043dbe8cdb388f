#include "status.h"

#include <string>

#include "gnocchi/error.h"

namespace gnocchi::rocks {
namespace {

Error::Code code_of(const rocksdb::Status& status) {
  if (status.IsCorruption()) return Error::Code::corrupt_data;
  if (status.IsIOError() || status.IsNoSpace() || status.IsBusy() || status.IsTimedOut() ||
      status.IsTryAgain() || status.IsShutdownInProgress()) {
    return Error::Code::unavailable;
  }
  return Error::Code::internal;
}

const char* advice_for(const rocksdb::Status& status) {
  if (is_out_of_space(status)) return "; make room on the disk, then work goes on by itself";
  if (status.IsCorruption()) {
    return "; stop the server, restore a backup or run \"ldb repair\" on a copy of the database";
  }
  if (status.severity() >= rocksdb::Status::kFatalError) {
    return "; mend the disk, then restart the server";
  }
  return "";
}

}  // namespace

bool is_out_of_space(const rocksdb::Status& status) {
  return status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace ||
         status.subcode() == rocksdb::Status::kSpaceLimit;
}

void fail(std::string_view action, const rocksdb::Status& status) {
  throw Error(code_of(status), std::string(action) + ": " + status.ToString() + advice_for(status));
}

}  // namespace gnocchi::rocks
