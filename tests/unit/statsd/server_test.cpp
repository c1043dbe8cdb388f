#include "core/statsd/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/unit/api/metric_api.h"

namespace gnocchi::statsd {
namespace {

/// Says that it is away, a number of times.
class AwayIncoming : public support::MemoryIncoming {
 public:
  void append(std::span<const Bundle> bundles) override {
    if (away-- > 0) throw Error(Error::Code::unavailable, "away");
    MemoryIncoming::append(bundles);
  }
  int away = 0;
};

/// A server on a port of its own that writes to a real index.
class StatsdServer : public api::ResourceApi {
 protected:
  static constexpr char kResource[] = "07f26121-5777-48ba-8a0b-d70468133dd9";

  void start(std::chrono::nanoseconds flush_delay) {
    server_ =
        std::make_unique<Server>(socket_, writer_, log_, Server::Options{kResource, flush_delay});
    server_->start();
  }

  void send(std::string_view packet) const {
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(socket_.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::sendto(fd, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&address),
                       sizeof address),
              static_cast<ssize_t>(packet.size()));
    ::close(fd);
  }

  std::vector<std::string> made() {
    const auto id = ResourceId(*Uuid::parse(kResource));
    const auto resource = indexer_.resources().get("generic", id, true);
    std::vector<std::string> names;
    if (!resource) return names;
    EXPECT_EQ(resource->creator, "statsd");
    for (const Metric& metric : resource->metrics) {
      names.push_back(*metric.name + " " + metric.archive_policy_name);
    }
    return names;
  }

  UdpSocket socket_{"127.0.0.1", 0};
  AwayIncoming away_;
  pipeline::BufferedWriter writer_{
      indexer_, away_, log_, {.creator = "statsd", .archive_policy_name = "low", .resources = {}}};
  std::unique_ptr<Server> server_;
};

TEST_F(StatsdServer, WhatCameIsFlushedAtTheEnd) {
  start(std::chrono::hours(1));
  send("a.b:1|c\nbad\na.b:2|c\n\nload:0.5|g");
  send("a.b:1|c|@0.5");
  server_->stop();
  EXPECT_EQ(made(), (std::vector<std::string>{"a.b|c low", "load|g low"}));
  EXPECT_EQ(away_.report(false).bundles, 2U);
  EXPECT_FALSE(log_.find("event=bad_packets count=1").empty());
}

TEST_F(StatsdServer, AStopRightAfterTheStartFlushesToo) {
  constexpr int kRounds = 100;  // threads start at their own pace
  for (int i = 0; i < kRounds; ++i) {
    send("a:1|c");
    start(std::chrono::hours(1));
    server_->stop();
  }
  EXPECT_EQ(away_.report(false).bundles, static_cast<std::uint64_t>(kRounds));
}

TEST_F(StatsdServer, SendersWhoNeverPauseDoNotKeepItFromStopping) {
  start(std::chrono::hours(1));
  std::atomic<bool> enough = false;
  std::thread sender([&] {
    while (!enough) send("a:1|c");
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  server_->stop();
  enough = true;
  sender.join();
  EXPECT_EQ(made(), (std::vector<std::string>{"a|c low"}));
}

TEST_F(StatsdServer, FlushesComeByThemselves) {
  start(std::chrono::milliseconds(10));
  send("a:1|c");
  for (int i = 0; i < 2000 && away_.report(false).bundles == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(away_.report(false).bundles, 1U);
}

TEST_F(StatsdServer, WhatCannotBeStoredNowIsKept) {
  away_.away = 2;
  const Measure measure{Timestamp(std::chrono::seconds(1)), 2};
  writer_.add(kResource, "a", measure);
  EXPECT_FALSE(writer_.flush());
  writer_.add(kResource, "b", measure);
  EXPECT_FALSE(writer_.flush());
  EXPECT_EQ(away_.report(false).bundles, 0U);
  EXPECT_TRUE(writer_.flush());
  EXPECT_EQ(away_.report(false).bundles, 2U);
}

TEST_F(StatsdServer, TheNewestIsKeptIfItIsTooMuch) {
  pipeline::BufferedWriter writer(
      indexer_, away_, log_,
      {.creator = "me", .archive_policy_name = "low", .resources = {}, .most_measures = 3});
  away_.away = 2;
  for (int second = 1; second <= 3; ++second) {
    for (const char* metric : {"a", "b"}) {
      writer.add(kResource, metric, {Timestamp(std::chrono::seconds(second)), 1});
    }
    EXPECT_EQ(writer.flush(), second == 3);
  }
  EXPECT_EQ(away_.report(false).bundles, 2U);
  EXPECT_FALSE(log_.find("event=measures_dropped count=2").empty());
}

TEST_F(StatsdServer, TheFutureIsLeftOut) {
  pipeline::BufferedWriter writer(indexer_, away_, log_,
                                  {.creator = "me",
                                   .archive_policy_name = "low",
                                   .resources = {},
                                   .max_future = std::chrono::hours(1)});
  const Timestamp now = std::chrono::system_clock::now();
  writer.add(kResource, "late", {now + std::chrono::hours(2), 1});
  EXPECT_TRUE(writer.flush());
  EXPECT_EQ(away_.report(false).bundles, 0U);
  EXPECT_FALSE(log_.find("event=measures_left_out count=1").empty());
  writer.add(kResource, "soon", {now + std::chrono::minutes(59), 1});
  EXPECT_TRUE(writer.flush());
  EXPECT_EQ(away_.report(false).bundles, 1U);
}

TEST_F(StatsdServer, APortIsTakenOnce) {
  EXPECT_THROW(UdpSocket("127.0.0.1", socket_.port()), Error);
  EXPECT_THROW(UdpSocket("203.0.113.1", 0), Error);
}

}  // namespace
}  // namespace gnocchi::statsd
