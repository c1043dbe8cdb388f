#include "core/pipeline/buffered_writer.h"

#include <utility>

namespace gnocchi::pipeline {
namespace {

/// Everything is allowed; what cannot be stored is left out and told in one line.
class DaemonAuthor final : public BatchAuthor {
 public:
  explicit DaemonAuthor(plugin::Log& log) : log_(log) {}
  ~DaemonAuthor() override {
    if (refused_ == 0) return;
    log_.warning("event=measures_left_out count=" + std::to_string(refused_) + " first_reason=\"" +
                 first_ + "\"");
  }
  DaemonAuthor(const DaemonAuthor&) = delete;
  DaemonAuthor& operator=(const DaemonAuthor&) = delete;

  void unknown_resources(const NamedBatch&, std::span<const std::size_t>) override {}
  void refused(const Refused& reason) override {
    if (refused_++ == 0) first_ = reason.what();
  }

 private:
  plugin::Log& log_;
  std::size_t refused_ = 0;
  std::string first_;
};

}  // namespace

BufferedWriter::BufferedWriter(IndexerDriver& indexer, IncomingDriver& incoming, plugin::Log& log,
                               Options options)
    : indexer_(indexer),
      incoming_(incoming),
      log_(log),
      options_(std::move(options)),
      archive_policies_(indexer),
      metrics_(indexer, std::chrono::seconds(0), 0),
      collector_(new_collector()) {}

void BufferedWriter::add(std::string_view resource, std::string_view metric, const Measure& measure,
                         const std::map<std::string, Value>& attributes) {
  const bool of_the_future =
      options_.max_future.count() > 0 &&
      measure.timestamp > std::chrono::system_clock::now() + options_.max_future;
  const std::scoped_lock guard(mutex_);
  if (of_the_future) {
    ++of_the_future_;
    return;
  }
  if (count_ >= options_.most_measures) {
    ++dropped_;
    return;
  }
  const std::size_t index = collector_.resource(resource);
  if (index == attributes_.size()) attributes_.push_back(attributes);
  collector_.measures(index, metric).push_back(measure);
  ++count_;
}

void BufferedWriter::enqueue() {
  Batch batch;
  std::size_t dropped = 0, of_the_future = 0;
  {
    const std::scoped_lock guard(mutex_);
    of_the_future = std::exchange(of_the_future_, 0);
    dropped = std::exchange(dropped_, 0);
    batch.bodies = collector_.take();
    batch.attributes = std::exchange(attributes_, {});
    batch.count = std::exchange(count_, 0);
  }
  if (of_the_future > 0) {
    log_.warning("event=measures_left_out count=" + std::to_string(of_the_future) +
                 " first_reason=\"further in the future than [api] max_future\"");
  }
  if (batch.count == 0) return;
  if (options_.archive_policy_name) {
    for (ResourceMeasures& resource : batch.bodies) {
      for (NamedMeasures& metric : resource.metrics) {
        metric.archive_policy_name = options_.archive_policy_name;
      }
    }
  }
  waiting_.push_back(std::move(batch));
  std::size_t total = 0;
  for (const Batch& one : waiting_) total += one.count;
  while (total > options_.most_measures && waiting_.size() > 1) {
    total -= waiting_.front().count;
    dropped += waiting_.front().count;
    waiting_.pop_front();
  }
  if (dropped > 0) {
    log_.error("event=measures_dropped count=" + std::to_string(dropped) +
               " reason=\"too many wait for the backends\"");
  }
}

void BufferedWriter::store(Batch& batch) {
  if (!batch.bodies.empty()) {
    MissingResources resources = options_.resources;
    resources.attributes = batch.attributes;
    NamedBatch named(std::move(batch.bodies));
    try {
      DaemonAuthor author(log_);
      BatchCreation(indexer_, metrics_, archive_policies_, author, options_.creator)
          .run(named, &resources);
    } catch (...) {
      batch.bodies = named.take_bodies();
      throw;
    }
    batch.measures = named.take_measures();
    batch.bodies.clear();
  }
  accept(incoming_, batch.measures);
}

bool BufferedWriter::flush() {
  enqueue();
  while (!waiting_.empty()) {
    const std::size_t count = waiting_.front().count;
    try {
      store(waiting_.front());
      log_.debug("event=flushed measures=" + std::to_string(count));
    } catch (const Error& error) {
      log_.error("event=flush_failed code=" + std::string(to_string(error.code())) + " reason=\"" +
                 error.what() + "\" waiting=" + std::to_string(waiting_.size()));
      return false;
    } catch (const std::exception& error) {
      log_.error("event=measures_dropped count=" + std::to_string(count) + " reason=\"" +
                 error.what() + "\"");
    }
    waiting_.pop_front();
  }
  return true;
}

}  // namespace gnocchi::pipeline
