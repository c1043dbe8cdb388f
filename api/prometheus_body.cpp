#include "api/prometheus_body.h"

#include <snappy.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>

#include "api/errors.h"
#include "api/remote_write.pb.h"
#include "core/index/utf8.h"
#include "core/pipeline/measure_collector.h"

namespace gnocchi::api {
namespace {

// The NaN that says that a series has ended (prometheus/model/value: StaleNaN).
constexpr std::uint64_t kStale = 0x7ff0000000000002;
constexpr std::int64_t kMillisecond_ns = 1'000'000;
// A copy of 64 bytes takes three: what claims to unpack to more is no snappy.
constexpr std::size_t kMostExpansion = 22;

[[noreturn]] void refuse(const std::string& reason) {
  throw HttpError(400, cause_detail_reason("Value error", "body", reason));
}

std::string unsnap(std::string_view packed, std::size_t most_bytes) {
  std::size_t size = 0;
  if (!snappy::GetUncompressedLength(packed.data(), packed.size(), &size) ||
      size / kMostExpansion > packed.size()) {
    refuse("the body is no snappy block");
  }
  if (size > most_bytes) throw HttpError(413);
  std::string plain;
  if (!snappy::Uncompress(packed.data(), packed.size(), &plain)) {
    refuse("the body is no snappy block");
  }
  return plain;
}

/// The labels that count. Of equal names the last one does.
struct Labels {
  explicit Labels(const remote_write::TimeSeries& series) {
    for (const auto& label : series.labels()) {
      if (label.name() == "job") job = label.value();
      if (label.name() == "instance") instance = label.value();
      if (label.name() == "__name__") name = label.value();
    }
  }
  std::string_view job = "none", instance = "none";
  std::optional<std::string_view> name;
};

class SeriesReader {
 public:
  explicit SeriesReader(const std::string& creator) : collector_(creator) {}

  void read(const remote_write::TimeSeries& series) {
    ++number_;
    const Labels labels(series);
    if (!labels.name) refuse_series("has no label __name__");
    for (const std::string_view text : {labels.job, labels.instance, *labels.name}) {
      if (!index::is_utf8(text)) refuse_series("has a label that is not UTF-8");
    }
    samples_.clear();
    for (const auto& sample : series.samples()) read(sample);
    if (samples_.empty()) return;
    collector_.measures(resource_of(labels), *labels.name) = samples_;
  }

  RemoteWrite take() { return {collector_.take(), std::move(attributes_)}; }

 private:
  [[noreturn]] void refuse_series(const char* what) const {
    refuse("series " + std::to_string(number_) + " " + what);
  }

  void read(const remote_write::Sample& sample) {
    if (std::bit_cast<std::uint64_t>(sample.value()) == kStale) return;
    std::int64_t ns = 0;
    if (sample.timestamp() < 0) refuse_series("has a timestamp before the Epoch");
    if (__builtin_mul_overflow(sample.timestamp(), kMillisecond_ns, &ns)) {
      refuse_series("has a timestamp too far ahead");
    }
    samples_.push_back({Timestamp(Timespan(ns)), sample.value()});
  }

  std::size_t resource_of(const Labels& labels) {
    std::string id;
    id.append(labels.job).append("@").append(labels.instance);
    std::replace(id.begin(), id.end(), '/', '_');
    const std::size_t resource = collector_.resource(id);
    if (resource == attributes_.size()) {
      attributes_.push_back(
          {{"job", std::string(labels.job)}, {"instance", std::string(labels.instance)}});
    }
    return resource;
  }

  pipeline::MeasureCollector collector_;
  std::vector<std::map<std::string, Value>> attributes_;
  std::vector<Measure> samples_;
  std::size_t number_ = 0;
};

}  // namespace

RemoteWrite parse_remote_write(std::string_view body, const std::string& creator,
                               std::size_t most_bytes) {
  const std::string plain = unsnap(body, most_bytes);
  remote_write::WriteRequest message;
  if (!message.ParseFromString(plain)) refuse("the body is no WriteRequest of remote write 1.0");
  SeriesReader reader(creator);
  for (const auto& series : message.timeseries()) reader.read(series);
  return reader.take();
}

}  // namespace gnocchi::api
