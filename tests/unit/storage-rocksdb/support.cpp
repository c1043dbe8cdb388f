#include "support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace gnocchi::rocks::test {

namespace fs = std::filesystem;

namespace {

constexpr char kPathVariable[] = "GNOCCHI_TEST_CHILD_PATH";
constexpr int kReportTo = 3;

}  // namespace

Lent::Lent(const fs::path& path, const std::string& sync) : context{options, log, "test"} {
  options.texts = {{"rocksdb_path", path.string()},   {"rocksdb_sync", sync},
                   {"rocksdb_sync_interval", "0.01"}, {"rocksdb_block_cache_mib", "2"},
                   {"rocksdb_write_buffer_mib", "1"}, {"rocksdb_max_open_files", "64"},
                   {"rocksdb_background_jobs", "2"},  {"rocksdb_compression", "lz4"}};
}

Both::Both(const fs::path& path, const std::string& sync)
    : lent(path, sync), storage(lent.context), incoming(lent.context) {
  storage.start();
  incoming.start();
  storage.upgrade();
  incoming.upgrade(kSacks);
}

Both::~Both() {
  incoming.stop();
  storage.stop();
}

SplitKey key_of(std::string method, std::int64_t start_s, std::int64_t granularity_s) {
  return {Timestamp(std::chrono::seconds(start_s)), std::chrono::seconds(granularity_s),
          std::move(method)};
}

MetricWrites writes_of(const MetricId& metric, std::uint64_t version, Bytes raw) {
  MetricWrites writes;
  writes.metric = metric;
  writes.expected_version = version;
  writes.raw = std::move(raw);
  return writes;
}

WriteVerdict write_one(RocksStorage& storage, MetricWrites writes) {
  WriteSet set;
  set.metrics.push_back(std::move(writes));
  return storage.write(set).verdicts.at(0);
}

std::optional<StoredObject> read_one(RocksStorage& storage, const ObjectRef& ref) {
  return storage.read(std::span(&ref, 1)).at(0);
}

Child::Child(const std::string& test, const fs::path& path) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) throw std::runtime_error("pipe");
  const std::string filter = "--gtest_filter=" + test;
  const std::string program = fs::read_symlink("/proc/self/exe").string();
  const std::string said = path.string();
  pid_ = ::fork();
  if (pid_ == 0) {
    if (::dup2(ends[1], kReportTo) < 0) ::_exit(1);
    ::setenv(kPathVariable, said.c_str(), 1);
    ::execl(program.c_str(), program.c_str(), filter.c_str(), "--gtest_also_run_disabled_tests",
            "--gtest_brief=1", nullptr);
    ::_exit(1);
  }
  ::close(ends[1]);
  reports_ = ends[0];
}

Child::~Child() {
  if (pid_ > 0) kill();
  ::close(reports_);
}

bool Child::read_report() {
  std::uint64_t number = 0;
  if (::read(reports_, &number, sizeof number) != sizeof number) return false;
  reported_.push_back(number);
  return true;
}

std::vector<std::uint64_t> Child::wait_for_reports(std::size_t count) {
  while (reported_.size() < count && read_report()) {
  }
  return reported_;
}

std::vector<std::uint64_t> Child::kill() {
  ::kill(pid_, SIGKILL);
  while (read_report()) {
  }
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
  return reported_;
}

fs::path Child::path() {
  const char* path = std::getenv(kPathVariable);
  if (path == nullptr) throw std::runtime_error("only for child processes of other tests");
  return path;
}

void Child::report(std::uint64_t number) {
  if (::write(kReportTo, &number, sizeof number) != sizeof number) ::_exit(1);
}

}  // namespace gnocchi::rocks::test
