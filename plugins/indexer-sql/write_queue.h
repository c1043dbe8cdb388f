#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace gnocchi::sql {

/// Takes the place of a lock where a database has one writer at a time: what comes while a thread
/// writes is written by the next one together, in groups, so that it shares the cost of a commit.
/// Any thread.
template <class Job>
class WriteQueue {
 public:
  /// Runs the jobs of a group, of which there is one under way at a time, and throws nothing: what
  /// became of each is in the job.
  using RunGroup = std::function<void(std::span<Job* const>)>;

  explicit WriteQueue(RunGroup run_group) : run_group_(std::move(run_group)) {}

  /// Returns when a group with this job has been run, by whichever thread. False: it was not its
  /// turn within `patience`, and nothing was done.
  bool run(Job& job, std::chrono::milliseconds patience) {
    Place place(job);
    std::unique_lock lock(mutex_);
    places_.push_back(&place);
    const auto turn = [&] { return place.state == State::done || may_lead(place); };
    if (!place.changed.wait_for(lock, patience, turn)) {
      if (place.state == State::waiting) {
        std::erase(places_, &place);
        return false;
      }
      place.changed.wait(lock, turn);
    }
    if (place.state != State::done) lead(lock);
    return true;
  }

  /// Jobs that nobody runs yet.
  std::size_t waiting() const {
    const std::scoped_lock lock(mutex_);
    return places_.size();
  }

 private:
  enum class State { waiting, taken, done };
  struct Place {
    explicit Place(Job& its_job) : job(&its_job) {}
    Job* const job;
    State state = State::waiting;
    std::condition_variable changed;
  };
  // So many that their shares of a commit are small, so few that nobody works for others for long.
  static constexpr std::size_t kMostJobs = 64;

  bool may_lead(const Place& place) const {
    return !leading_ && !places_.empty() && places_.front() == &place;
  }

  /// Runs the first of the queue, of which the caller is the very first.
  void lead(std::unique_lock<std::mutex>& lock) {
    leading_ = true;
    std::vector<Place*> group;
    std::vector<Job*> jobs;
    for (; !places_.empty() && group.size() < kMostJobs; places_.pop_front()) {
      group.push_back(places_.front());
      group.back()->state = State::taken;
      jobs.push_back(group.back()->job);
    }
    lock.unlock();
    run_group_(jobs);
    lock.lock();
    leading_ = false;
    for (Place* place : group) {
      place->state = State::done;
      place->changed.notify_one();
    }
    if (!places_.empty()) places_.front()->changed.notify_one();
  }

  const RunGroup run_group_;
  mutable std::mutex mutex_;
  std::deque<Place*> places_;
  bool leading_ = false;
};

}  // namespace gnocchi::sql
