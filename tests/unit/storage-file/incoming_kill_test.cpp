// Writers and readers killed at any moment: what append() has taken is read, exactly once each, and
// what acknowledge() has finished never comes back.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "file_incoming.h"
#include "posix.h"
#include "support.h"

namespace gnocchi::file::test {
namespace {

constexpr std::uint32_t kSacks = 4;
constexpr std::size_t kMuch = 64U << 20;
constexpr int kRounds = 40;
using Id = std::uint64_t;

/// A child process that reports ids over a pipe until it is killed.
class Victim {
 public:
  /// `work` is called in the child with the function that reports; it does not return.
  using Report = std::function<void(Id)>;
  explicit Victim(const std::function<void(const Report&)>& work) {
    int ends[2];
    if (::pipe(ends) < 0) throw std::runtime_error("pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      work([&](Id id) {
        if (::write(ends[1], &id, sizeof id) != sizeof id) ::_exit(1);
      });
      ::_exit(0);
    }
    ::close(ends[1]);
    reports_ = Descriptor(ends[0]);
  }

  /// Kills it once it has reported `count` ids (or has ended); returns all that it reported.
  std::vector<Id> kill_after(int count) {
    std::vector<Id> ids;
    bool killed = false;
    for (Id id = 0;;) {
      if (static_cast<int>(ids.size()) >= count && !killed) {
        ::kill(pid_, SIGKILL);
        killed = true;
      }
      const ssize_t n = ::read(reports_.get(), &id, sizeof id);
      if (n != sizeof id) break;
      ids.push_back(id);
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return ids;
  }

 private:
  pid_t pid_ = -1;
  Descriptor reports_;
};

std::string data_of(Id id, std::size_t size) {
  std::string data(sizeof id + size, static_cast<char>(id));
  std::memcpy(data.data(), &id, sizeof id);
  return data;
}

Id id_of(const std::string& data) {
  Id id = 0;
  std::memcpy(&id, data.data(), sizeof id);
  return id;
}

struct Instance {
  Instance(const std::filesystem::path& path, const char* sync)
      : lent(path, sync), incoming(lent.context) {
    incoming.start();
    incoming.upgrade(kSacks);
  }
  ~Instance() { incoming.stop(); }
  Lent lent;
  FileIncoming incoming;
};

/// Appends bundles with ids from `first` on, in two threads, of sizes up to several pages.
void append_for_ever(const std::filesystem::path& path, const char* sync, Id first,
                     const Victim::Report& report) {
  Instance here(path, sync);
  std::vector<std::jthread> threads;
  for (Id t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random(first + t);
      for (Id id = first + t * 1'000'000;; id += 3) {
        std::vector<Bundle> bundles;
        for (Id k = 0; k < 3; ++k) {
          bundles.push_back({MetricId(Uuid::random()), data_of(id + k, random() % 9000)});
        }
        here.incoming.append(bundles);
        for (Id k = 0; k < 3; ++k) report(id + k);
      }
    });
  }
}

void acknowledge_for_ever(const std::filesystem::path& path, const char* sync,
                          const Victim::Report& report) {
  Instance here(path, sync);
  for (std::uint32_t i = 0;; i = (i + 1) % kSacks) {
    const SackBatch batch = here.incoming.read_sack(SackNumber{i}, 50'000);
    here.incoming.acknowledge(batch);
    for (const Bundle& bundle : batch.bundles) report(id_of(bundle.data));
  }
}

class IncomingKill : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Sync, IncomingKill, ::testing::Values("commit", "off"),
                         [](const auto& sync) { return std::string(sync.param); });

TEST_P(IncomingKill, NothingTakenIsLostAndNothingFinishedReturns) {
  const TemporaryDirectory directory;
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed=" + std::to_string(seed));
  std::mt19937 random(seed);
  std::set<Id> pending;  // told to be kept, not told to be finished
  std::set<Id> finished;
  Id first = 0;
  Instance here(directory.path, GetParam());
  for (int round = 0; round < kRounds; ++round) {
    first += 10'000'000;
    Victim writer(
        [&](const auto& report) { append_for_ever(directory.path, GetParam(), first, report); });
    for (const Id id : writer.kill_after(static_cast<int>(random() % 60))) pending.insert(id);

    Victim reader(
        [&](const auto& report) { acknowledge_for_ever(directory.path, GetParam(), report); });
    const auto reported = reader.kill_after(static_cast<int>(random() % (pending.size() + 1)));
    for (const Id id : reported) {
      EXPECT_TRUE(finished.insert(id).second) << id << " came back";
      pending.erase(id);
    }

    // A reader that has been there all the time, and one that is new.
    for (const bool is_new : {false, true}) {
      std::map<Id, int> seen;
      std::unique_ptr<Instance> fresh;
      if (is_new) fresh = std::make_unique<Instance>(directory.path, GetParam());
      FileIncoming& incoming = is_new ? fresh->incoming : here.incoming;
      for (std::uint32_t sack = 0; sack < kSacks; ++sack) {
        const SackBatch batch = incoming.read_sack(SackNumber{sack}, kMuch);
        for (const Bundle& bundle : batch.bundles) {
          const Id id = id_of(bundle.data);
          ++seen[id];
          EXPECT_EQ(bundle.data, data_of(id, bundle.data.size() - sizeof id));
          EXPECT_FALSE(finished.contains(id)) << id << " came back";
        }
      }
      for (const auto& [id, times] : seen) EXPECT_EQ(times, 1) << id;
      // The reader may have finished more than it could tell: at most its last batch.
      std::size_t missing = 0;
      for (const Id id : pending) missing += !seen.contains(id);
      EXPECT_LE(missing, 40U) << "round " << round;
      if (is_new) {
        std::erase_if(pending, [&](Id id) { return !seen.contains(id); });
      }
    }
  }
  EXPECT_GT(finished.size(), 0U);
}

TEST_P(IncomingKill, EveryTakenBundleIsThereAfterEveryKill) {
  const TemporaryDirectory directory;
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed=" + std::to_string(seed));
  std::mt19937 random(seed);
  Instance here(directory.path, GetParam());
  for (int round = 1; round <= kRounds; ++round) {
    Victim writer([&](const auto& report) {
      append_for_ever(directory.path, GetParam(), static_cast<Id>(round) * 10'000'000, report);
    });
    const auto taken = writer.kill_after(static_cast<int>(random() % 100));
    std::map<Id, int> seen;
    for (std::uint32_t sack = 0; sack < kSacks; ++sack) {
      const SackBatch batch = here.incoming.read_sack(SackNumber{sack}, kMuch);
      for (const Bundle& bundle : batch.bundles) ++seen[id_of(bundle.data)];
      here.incoming.acknowledge(batch);
    }
    for (const Id id : taken) EXPECT_EQ(seen[id], 1) << id;
    for (const auto& [id, times] : seen) EXPECT_EQ(times, 1) << id;
  }
  EXPECT_TRUE(here.incoming.with_pending(std::vector<SackNumber>{{0}, {1}, {2}, {3}}).empty());
  // Segments that died while they were made may stay for a minute.
  for (const std::string& name : files_below(directory.path / "incoming-log")) {
    EXPECT_FALSE(name.ends_with(".log")) << name << " is left";
  }
}

}  // namespace
}  // namespace gnocchi::file::test
