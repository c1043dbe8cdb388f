// What a reader makes of segments that are not as their writer left them.
#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "crc32c.h"
#include "incoming_log_format.h"
#include "incoming_log_index.h"
#include "posix.h"
#include "support.h"

namespace gnocchi::file::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kSacks = 4;
constexpr std::uint32_t kSalt = 77;
constexpr char kName[] = "20260131T000000.000000000Z-0badcafe";

MetricId metric_in_sack(std::uint32_t sack) {
  Uuid id{};
  id.bytes[15] = static_cast<std::uint8_t>(sack + 4);
  return MetricId(id);
}

std::string frame(std::vector<std::pair<std::uint32_t, std::string>> bundles,
                  std::uint64_t time_ns = 1) {
  std::vector<Bundle> list;
  for (auto& [sack, data] : bundles) list.push_back({metric_in_sack(sack), data});
  std::string bytes = encode_frame(list, kSacks);
  seal_frame(bytes, time_ns, kSalt);
  return bytes;
}

class IncomingLogDamage : public ::testing::Test {
 protected:
  IncomingLogDamage()
      : lent(directory.path),
        base(::open(directory.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    fs::create_directories(directory.path / kAckDirectory);
  }
  fs::path segment() const {
    return directory.path / kLogDirectory / (std::string(kName) + kSegmentSuffix);
  }
  void make(const std::string& frames) {
    write_file(segment(), encode_segment_header({kSacks, kSalt}) + frames);
  }
  std::vector<std::string> read(LogIndex& index, std::uint32_t sack) {
    bool more = false;
    std::vector<std::string> data;
    taken = index.take(SackNumber{sack}, 1U << 30, more);
    for (const auto& section : taken) {
      for (const Bundle& bundle : index.read(section)) data.push_back(bundle.data);
    }
    return data;
  }
  std::vector<std::string> read(std::uint32_t sack) {
    LogIndex index(base.get(), kSacks, lent.log);
    return read(index, sack);
  }

  using Strings = std::vector<std::string>;
  TemporaryDirectory directory;
  Lent lent;
  Descriptor base;
  std::vector<LogIndex::Section> taken;
};

TEST_F(IncomingLogDamage, AnyCutTailIsLeftOutAndTheRestServed) {
  const std::string first = frame({{1, "one"}, {2, "two"}});
  const std::string second = frame({{1, "three"}, {2, std::string(50, 'x')}}, 2);
  for (std::size_t cut = 0; cut < second.size(); ++cut) {
    make(first + second.substr(0, cut));
    EXPECT_EQ(read(2), Strings{"two"}) << cut;
  }
  for (std::size_t cut = 1; cut < second.size(); ++cut) {
    make(first + second.substr(0, cut) + std::string(second.size() - cut + 5000, '\0'));
    EXPECT_EQ(read(1).at(0), "one") << cut;
    // Of the torn frame, what is whole may be served, what is not must not.
    for (const std::string& data : read(2)) {
      EXPECT_TRUE(data == "two" || data == std::string(50, 'x')) << cut;
    }
  }
}

TEST_F(IncomingLogDamage, AnyFlippedByteCostsItsOwnFrameOnly) {
  const std::string first = frame({{1, "one"}, {2, "two"}});
  const std::string second = frame({{1, "three"}, {3, "four"}}, 2);
  const std::string third = frame({{1, "five"}}, 3);
  for (std::size_t at = 0; at < second.size(); ++at) {
    std::string damaged = second;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x5a);
    make(first + damaged + third);
    const Strings ones = read(1);
    const Strings fours = read(3);
    EXPECT_TRUE(ones == (Strings{"one", "five"}) || ones == (Strings{"one", "three", "five"}))
        << at;
    EXPECT_TRUE(fours.empty() || fours == Strings{"four"}) << at;
  }
}

TEST_F(IncomingLogDamage, ADamagedSectionCostsOnlyItself) {
  std::string middle = frame({{1, "three"}, {3, "four"}}, 2);
  middle[middle.find("three")] = 'T';
  make(frame({{1, "one"}}) + middle + frame({{1, "five"}}, 3));
  EXPECT_EQ(read(3), Strings{"four"});
  EXPECT_EQ(read(1), (Strings{"one", "five"}));
  ASSERT_FALSE(lent.log.warnings().empty());
  EXPECT_NE(lent.log.warnings()[0].find(kName), std::string::npos);
}

TEST_F(IncomingLogDamage, ADamagedSegmentIsKeptAsideWhenItIsConsumed) {
  std::string middle = frame({{1, "three"}}, 2);
  middle[middle.find("three")] = 'T';
  make(middle + frame({{1, "five"}}, 3));
  LogIndex index(base.get(), kSacks, lent.log);
  EXPECT_EQ(read(index, 1), Strings{"five"});
  index.acknowledge(SackNumber{1}, taken);
  EXPECT_TRUE(read(index, 1).empty());
  EXPECT_FALSE(fs::exists(segment()));
  EXPECT_TRUE(fs::exists(segment().string() + ".damaged"));
}

TEST_F(IncomingLogDamage, ABadHeaderOrAnotherNumberOfSacksIsNotServedAndNotRemoved) {
  write_file(segment(), "GNOCLOG1 but not really");
  EXPECT_TRUE(read(1).empty());
  write_file(segment(), encode_segment_header({kSacks * 2, kSalt}) + frame({{1, "one"}}));
  EXPECT_TRUE(read(1).empty());
  EXPECT_TRUE(fs::exists(segment()));
  EXPECT_EQ(lent.log.warnings().size(), 2U);
}

TEST_F(IncomingLogDamage, DamagedAcknowledgementsServeAgainRatherThanLose) {
  make(frame({{1, "one"}}));
  {
    LogIndex index(base.get(), kSacks, lent.log);
    EXPECT_EQ(read(index, 1), Strings{"one"});
    index.acknowledge(SackNumber{1}, taken);
  }
  const fs::path ack = directory.path / kAckDirectory / (std::string(kName) + kAckSuffix);
  std::string slots = read_file(ack);
  ASSERT_EQ(slots.size(), kAckSlotBytes * 2);
  slots[kAckSlotBytes] = static_cast<char>(slots[kAckSlotBytes] ^ 1);
  write_file(ack, slots);
  EXPECT_EQ(read(1), Strings{"one"});
}

TEST_F(IncomingLogDamage, WhatAKilledWriterWasMakingIsSweptUpLater) {
  const fs::path log = directory.path / kLogDirectory;
  const fs::path acks = directory.path / kAckDirectory;
  make(frame({{1, "one"}}));
  write_file(acks / (std::string(kName) + kAckSuffix), "");
  for (const fs::path& path : {log / "old.new", acks / "old.ack", log / "young.new",
                               acks / "young.ack", acks / (std::string(kName) + kAckSuffix)}) {
    write_file(path, "");
    if (path.stem() != "young") {
      fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(5));
    }
  }
  EXPECT_EQ(read(1), Strings{"one"});
  const std::string name = kName;
  EXPECT_EQ(files_below(log),
            (Strings{name + ".log", "ack/" + name + ".ack", "ack/young.ack", "young.new"}));
}

TEST_F(IncomingLogDamage, AFrameInTheMakingIsWaitedForWhileItsWriterLives) {
  const std::string whole = frame({{1, "one"}}) + frame({{1, "two"}}, 2);
  const std::size_t cut = whole.size() - 20;
  make(whole.substr(0, cut));
  const Descriptor writer(::open(segment().c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(try_lock(writer.get(), LockMode::exclusive, "segment"));
  LogIndex index(base.get(), kSacks, lent.log);
  EXPECT_EQ(read(index, 1), Strings{"one"});
  EXPECT_EQ(write_at(writer.get(), whole.substr(cut), kSegmentHeaderBytes + cut), 20U);
  EXPECT_EQ(read(index, 1), (Strings{"one", "two"}));
  index.acknowledge(SackNumber{1}, taken);
  EXPECT_TRUE(read(index, 1).empty());
  EXPECT_TRUE(fs::exists(segment()));
  EXPECT_TRUE(lent.log.warnings().empty());
}

TEST_F(IncomingLogDamage, MeasuresThatLookLikeAFrameAreNotTakenForOne) {
  std::string forged = encode_frame(std::vector<Bundle>{{metric_in_sack(3), "forged"}}, kSacks);
  seal_frame(forged, 1, kSalt + 1);
  std::string carrier = frame({{1, std::string(4, 'x') + forged}});
  ASSERT_EQ(carrier.find(forged) % kFrameAlignment, 0U);
  carrier[4] = static_cast<char>(carrier[4] ^ 1);
  make(carrier + frame({{1, "good"}}, 2));
  EXPECT_TRUE(read(3).empty());
  EXPECT_EQ(read(1), Strings{"good"});
}

TEST(IncomingLogFormat, ChecksumIsCrc32cInBothForms) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(detail::crc32c_portable("123456789", 0), 0xe3069283U);
  const std::string text = "the quick brown fox jumps over the lazy dog";
  EXPECT_EQ(crc32c(text.substr(10), crc32c(text.substr(0, 10))), crc32c(text));
}

TEST(IncomingLogFormat, FramesAreAsTheDocumentSays) {
  const std::string bytes = frame({{2, "abc"}, {1, "de"}, {2, "f"}}, 0x0102030405060708);
  std::string expected("FRAM");
  expected += bytes.substr(4, 4);
  expected += std::string("\x08\x07\x06\x05\x04\x03\x02\x01\x02\0\0\0", 12);
  expected += std::string("\x42\0\0\0", 4);  // 3 x 20 + 6
  const std::string one = metric_in_sack(1).raw() + std::string("\2\0\0\0de", 6);
  const std::string two = metric_in_sack(2).raw() + std::string("\3\0\0\0abc", 7) +
                          metric_in_sack(2).raw() + std::string("\1\0\0\0f", 5);
  expected += std::string("\1\0\0\0\1\0\0\0\x16\0\0\0", 12) + bytes.substr(36, 4);
  expected += std::string("\2\0\0\0\2\0\0\0\x2c\0\0\0", 12) + bytes.substr(52, 4);
  expected += one + two;
  expected.resize((expected.size() + 7) / 8 * 8, '\0');
  EXPECT_EQ(bytes, expected);
}

}  // namespace
}  // namespace gnocchi::file::test
