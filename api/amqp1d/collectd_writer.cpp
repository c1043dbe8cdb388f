#include "api/amqp1d/collectd_writer.h"

#include <algorithm>
#include <utility>

#include "api/collectd_body.h"

namespace gnocchi::amqp1d {

CollectdWriter::~CollectdWriter() { stop(); }

void CollectdWriter::take(std::string_view body) {
  const Timestamp now = std::chrono::system_clock::now();
  try {
    for (const api::CollectdValue& value : api::parse_collectd(body)) {
      std::string id = options_.resource_type + ":" + value.host;
      std::replace(id.begin(), id.end(), '/', '_');
      writer_.add(id, value.metric, {now, value.value}, {{"host", value.host}});
    }
  } catch (const std::exception& error) {
    const std::scoped_lock guard(mutex_);
    if (faults_++ == 0) first_fault_ = error.what();
  }
}

void CollectdWriter::start() {
  thread_ = std::thread([this] { run(); });
}

void CollectdWriter::stop() {
  {
    const std::scoped_lock guard(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void CollectdWriter::run() {
  std::unique_lock lock(mutex_);
  for (bool last = false; !last;) {
    last = wake_.wait_for(lock, options_.flush_delay, [this] { return stopping_; });
    lock.unlock();
    flush();
    lock.lock();
  }
}

void CollectdWriter::flush() {
  std::size_t faults = 0;
  std::string first;
  {
    const std::scoped_lock guard(mutex_);
    faults = std::exchange(faults_, 0);
    first = std::exchange(first_fault_, {});
  }
  if (faults > 0) {
    log_.warning("event=bad_messages count=" + std::to_string(faults) + " first: " + first);
  }
  writer_.flush();
}

}  // namespace gnocchi::amqp1d
