#include "api/future_limit.h"

#include <optional>
#include <string>

#include "api/errors.h"
#include "core/index/timestamp_writer.h"
#include "gnocchi/naming.h"

namespace gnocchi::api {
namespace {

/// The limit as it stands for one request; inactive where none is set.
class FutureLimit {
 public:
  explicit FutureLimit(const Services& services)
      : allowed_(services.config.duration("api", "max_future")) {
    if (allowed_.count() > 0) latest_ = services.now() + allowed_;
  }

  bool active() const noexcept { return latest_.has_value(); }

  void check(std::span<const Measure> measures) const {
    for (const Measure& measure : measures) {
      if (measure.timestamp > *latest_) refuse(measure.timestamp);
    }
  }

 private:
  [[noreturn]] void refuse(Timestamp timestamp) const {
    char text[index::kTimestampText];
    throw HttpError(400, "Timestamp " + std::string(text, index::put_timestamp(text, timestamp)) +
                             " is too far in the future: the limit is " + python_seconds(allowed_) +
                             " seconds from now");
  }

  Timespan allowed_;
  std::optional<Timestamp> latest_;
};

}  // namespace

void check_future(const Services& services, std::span<const Measure> measures) {
  const FutureLimit limit(services);
  if (limit.active()) limit.check(measures);
}

void check_future(const Services& services, std::span<const pipeline::MetricMeasures> metrics) {
  const FutureLimit limit(services);
  if (!limit.active()) return;
  for (const auto& metric : metrics) limit.check(metric.measures);
}

void check_future(const Services& services, std::span<const ResourceMeasures> resources) {
  const FutureLimit limit(services);
  if (!limit.active()) return;
  for (const auto& resource : resources) {
    for (const auto& metric : resource.metrics) limit.check(metric.measures);
  }
}

}  // namespace gnocchi::api
