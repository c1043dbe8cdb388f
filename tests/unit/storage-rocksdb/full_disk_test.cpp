// A disk that is full: told as unavailable, nothing accepted is lost, and work goes on without a
// restart when there is room again.
#include <sys/mount.h>

#include <fstream>
#include <thread>

#include "backup_service.h"
#include "support.h"

namespace gnocchi::rocks::test {
namespace {

namespace fs = std::filesystem;

/// A file system of 24 MiB of its own, where the system lets us mount one.
class SmallDisk {
 public:
  SmallDisk() { mounted_ = ::mount("none", directory_.path.c_str(), "tmpfs", 0, "size=24m") == 0; }
  ~SmallDisk() {
    if (mounted_) ::umount2(directory_.path.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  const fs::path& path() const { return directory_.path; }
  void fill() {
    std::ofstream stream(path() / "filler", std::ios::binary | std::ios::trunc);
    const std::string block(4096, 'x');
    while (stream.write(block.data(), 4096).flush()) {
    }
  }
  void empty() { fs::remove(path() / "filler"); }

 private:
  TemporaryDirectory directory_;
  bool mounted_ = false;
};

class RocksFullDisk : public ::testing::TestWithParam<const char*> {};

TEST_P(RocksFullDisk, IsUnavailableUntilThereIsRoom) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no file system can be mounted here";
  Both both(disk.path() / "rocksdb", GetParam());
  const MetricId metric(Uuid::random());
  const SackNumber sack = sack_of(metric, kSacks);
  std::size_t accepted = 0;
  const auto append = [&] {
    const Bundle bundle{metric, std::string(50'000, 'x')};
    both.incoming.append(std::span(&bundle, 1));
    ++accepted;
  };
  append();
  disk.fill();
  bool refused = false;
  for (int i = 0; i < 1000 && !refused; ++i) {
    try {
      append();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::unavailable) << error.what();
      refused = true;
    }
  }
  ASSERT_TRUE(refused);
  const auto before =
      both.incoming.read_pending(std::span(&metric, 1), 1 << 24).value().at(0).size();
  EXPECT_EQ(before, accepted) << "reading goes on";
  EXPECT_THROW(append(), Error) << "still full";

  disk.empty();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto once_more = accepted;
  while (accepted == once_more) {
    try {
      append();
    } catch (const Error& error) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << error.what();
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  EXPECT_EQ(write_one(both.storage, writes_of(metric, 0, "raw")), WriteVerdict::done);
  const SackBatch batch = both.incoming.read_sack(sack, std::size_t{1} << 40);
  EXPECT_GE(batch.bundles.size(), accepted);
  both.incoming.acknowledge(batch);
  EXPECT_EQ(both.incoming.report(false).bundles, 0U);
}

TEST_P(RocksFullDisk, DoesNotKeepTheServerFromStoppingAndStarting) {
  SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "no file system can be mounted here";
  const MetricId metric(Uuid::random());
  std::size_t accepted = 0;
  {
    Both both(disk.path() / "rocksdb", GetParam());
    disk.fill();
    try {
      for (int i = 0; i < 1000; ++i) {
        const Bundle bundle{metric, std::string(50'000, 'x')};
        both.incoming.append(std::span(&bundle, 1));
        ++accepted;
      }
      FAIL() << "the disk is not full";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::unavailable) << error.what();
    }
    EXPECT_THROW(static_cast<void>(ask_for_backup(disk.path() / "rocksdb", disk.path() / "copy")),
                 Error);
  }
  disk.empty();
  Both both(disk.path() / "rocksdb", GetParam());
  EXPECT_GE(both.incoming.read_pending(std::span(&metric, 1), 1 << 24).value().at(0).size(),
            accepted);
}

INSTANTIATE_TEST_SUITE_P(InEveryMode, RocksFullDisk,
                         ::testing::Values("commit", "interval", "off"));

}  // namespace
}  // namespace gnocchi::rocks::test
