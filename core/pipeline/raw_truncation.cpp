#include "core/pipeline/raw_truncation.h"

#include <optional>
#include <string>
#include <vector>

#include "core/timeseries/bound_series.h"
#include "core/timeseries/raw_codec.h"
#include "gnocchi/error.h"

namespace gnocchi::pipeline {
namespace {

/// The series without its oldest points; nullopt if all of them are within the back window.
std::optional<Bytes> truncated(const timeseries::AggregationPlan& plan, BytesView raw) {
  timeseries::Series series = timeseries::decode_raw(raw);
  if (series.empty()) return std::nullopt;
  const std::int64_t oldest = timeseries::first_block_ns(plan, series.times.back());
  if (series.times.front() >= oldest) return std::nullopt;
  timeseries::drop_before(series, oldest);
  return timeseries::encode_raw(series);
}

}  // namespace

void truncate_raw(StorageDriver& storage, plugin::Log& log, std::span<const MetricId> metrics,
                  const timeseries::AggregationPlan& plan) {
  std::vector<ObjectRef> refs;
  refs.reserve(metrics.size());
  for (const MetricId& metric : metrics) refs.push_back({metric, std::nullopt});
  const auto raws = storage.read(refs);

  WriteSet set;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    if (!raws[i]) continue;
    try {
      auto shorter = truncated(plan, raws[i]->data);
      if (!shorter) continue;
      MetricWrites& writes = set.metrics.emplace_back();
      writes.metric = refs[i].metric;
      writes.expected_version = raws[i]->version;
      writes.raw = std::move(shorter);
    } catch (const Error& error) {
      if (error.code() != Error::Code::corrupt_data) throw;
      log.error("damaged raw series not truncated object=" + object_name(refs[i]) + " reason=\"" +
                error.what() + "\"");
    }
  }
  if (set.metrics.empty()) return;
  const WriteReport report = storage.write(set);
  for (std::size_t i = 0; i < report.verdicts.size(); ++i) {
    if (report.verdicts[i] == WriteVerdict::done) continue;
    throw Error(Error::Code::unavailable, "truncate metric " + set.metrics[i].metric.to_string() +
                                              ": its raw series was changed by another worker");
  }
}

}  // namespace gnocchi::pipeline
