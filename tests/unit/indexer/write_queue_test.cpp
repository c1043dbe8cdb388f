#include "indexer-sql/write_queue.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace gnocchi::sql {
namespace {

using namespace std::chrono_literals;

struct Job {
  int number = 0;
  std::size_t group = 0;  // how many jobs were run with it
};

/// A queue whose first group waits until it is let go.
class WriteQueueTest : public ::testing::Test {
 protected:
  void run_group(std::span<Job* const> jobs) {
    if (jobs.front()->number == 0) {
      began_.set_value();
      let_go_.get_future().wait();
    }
    for (Job* job : jobs) {
      job->group = jobs.size();
      order_.push_back(job->number);
    }
  }

  std::future<bool> run(Job& job, std::chrono::milliseconds patience = 60s) {
    return std::async(std::launch::async,
                      [this, &job, patience] { return queue_.run(job, patience); });
  }

  void wait_for_waiting(std::size_t count) {
    while (queue_.waiting() != count) std::this_thread::yield();
  }

  std::promise<void> began_, let_go_;
  std::vector<int> order_;
  WriteQueue<Job> queue_{[this](std::span<Job* const> jobs) { run_group(jobs); }};
};

TEST_F(WriteQueueTest, WhatComesMeanwhileIsRunTogetherAndInOrder) {
  std::vector<Job> jobs(100);
  std::vector<std::future<bool>> runs;
  runs.push_back(run(jobs[0]));
  began_.get_future().wait();
  for (std::size_t i = 1; i < jobs.size(); ++i) {
    jobs[i].number = static_cast<int>(i);
    runs.push_back(run(jobs[i]));
    wait_for_waiting(i);
  }
  let_go_.set_value();
  for (auto& one : runs) EXPECT_TRUE(one.get());
  EXPECT_EQ(jobs[0].group, 1U);
  EXPECT_EQ(jobs[1].group, 64U);
  EXPECT_EQ(jobs[99].group, 35U);
  for (std::size_t i = 0; i < jobs.size(); ++i) EXPECT_EQ(order_[i], jobs[i].number);
}

TEST_F(WriteQueueTest, PatienceEnds) {
  Job first, impatient{1}, patient{2};
  auto one = run(first);
  began_.get_future().wait();
  auto two = run(impatient, 1ms);
  EXPECT_FALSE(two.get());
  auto three = run(patient);
  wait_for_waiting(1);
  let_go_.set_value();
  EXPECT_TRUE(one.get());
  EXPECT_TRUE(three.get());
  EXPECT_EQ(impatient.group, 0U) << "it was not run";
  EXPECT_EQ(order_, (std::vector{0, 2}));
}

}  // namespace
}  // namespace gnocchi::sql
