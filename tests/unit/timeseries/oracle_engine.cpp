// Answers the questions of oracle_test.py: reads cases from standard input, runs them through our
// engine over a storage in memory, and writes the bytes that come out. See oracle_test.py for the
// comparison; the layout of both streams is in read_case() and write_objects().
#include <cstdio>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/timeseries/byte_reader.h"
#include "core/timeseries/pass.h"
#include "core/timeseries/resample.h"

namespace {

using namespace gnocchi;
using timeseries::ByteReader;

std::string read_text(ByteReader& in) { return std::string(in.take(in.read<std::uint8_t>())); }

template <typename Number>
void put(std::string& out, Number value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

void put_text(std::string& out, const std::string& text) {
  put<std::uint32_t>(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

/// What a driver that can patch does, without the disk.
class MemoryMetric {
 public:
  std::optional<BytesView> raw() const {
    return raw_ ? std::optional<BytesView>(*raw_) : std::nullopt;
  }

  std::vector<SplitKey> list(const SplitFilter& filter) const {
    std::vector<SplitKey> keys;
    for (const auto& [key, data] : splits_) {
      if (filter.admits(key)) keys.push_back(key);
    }
    return keys;
  }

  std::vector<std::optional<StoredObject>> read(const std::vector<SplitKey>& keys) const {
    std::vector<std::optional<StoredObject>> objects;
    for (const SplitKey& key : keys) {
      const auto found = splits_.find(key);
      objects.push_back(found == splits_.end()
                            ? std::nullopt
                            : std::optional<StoredObject>(StoredObject{found->second, 0}));
    }
    return objects;
  }

  bool write(const MetricWrites& writes) {
    for (const SplitWrite& split : writes.splits) {
      const auto found = splits_.find(split.key);
      const bool padded =
          found == splits_.end() || static_cast<unsigned char>(found->second[0]) < 2;
      if (split.offset && !padded) return false;
    }
    for (const SplitKey& key : writes.removals) splits_.erase(key);
    for (const SplitWrite& split : writes.splits) {
      std::string& data = splits_[split.key];
      if (!split.offset) {
        data = split.data;
        continue;
      }
      if (data.size() < *split.offset + split.data.size()) {
        data.resize(*split.offset + split.data.size());
      }
      data.replace(*split.offset, split.data.size(), split.data);
    }
    if (writes.raw) raw_ = writes.raw;
    return true;
  }

  void put_objects(std::string& out) const {
    put_text(out, raw_.value_or(""));
    put<std::uint32_t>(out, static_cast<std::uint32_t>(splits_.size()));
    for (const auto& [key, data] : splits_) {
      put_text(out, key.method);
      put<std::int64_t>(out, key.granularity.count());
      put<std::int64_t>(out, key.start.time_since_epoch().count());
      put_text(out, data);
    }
  }

 private:
  std::optional<Bytes> raw_;
  std::map<SplitKey, Bytes> splits_;
};

ArchivePolicy read_policy(ByteReader& in) {
  ArchivePolicy policy;
  policy.name = "case";
  policy.back_window = in.read<std::uint32_t>();
  for (auto n = in.read<std::uint32_t>(); n > 0; --n) {
    ArchivePolicyItem item;
    item.granularity = Timespan{in.read<std::int64_t>()};
    const auto timespan = in.read<std::int64_t>();
    if (timespan >= 0) item.timespan = Timespan{timespan};
    policy.definition.push_back(item);
  }
  for (auto n = in.read<std::uint32_t>(); n > 0; --n) {
    policy.aggregation_methods.push_back(read_text(in));
  }
  return policy;
}

std::vector<Measure> read_measures(ByteReader& in) {
  std::vector<Measure> measures(in.read<std::uint32_t>());
  for (Measure& measure : measures) {
    measure.timestamp = Timestamp{Timespan{in.read<std::int64_t>()}};
    measure.value = in.read<double>();
  }
  return measures;
}

void run_passes(ByteReader& in, std::string& out) {
  const bool partial_writes = in.read<std::uint8_t>() != 0;
  const timeseries::AggregationPlan plan(read_policy(in));
  MemoryMetric metric;
  for (auto n = in.read<std::uint32_t>(); n > 0; --n) {
    timeseries::MetricPass pass(plan, MetricId{}, partial_writes);
    pass.start(metric.raw(), read_measures(in));
    if (pass.wants_split_list()) pass.take_split_list(metric.list(pass.wanted_splits()));
    if (!metric.write(pass.finish(metric.read(pass.reads())))) {
      pass.rewrite_whole();
      if (!metric.write(pass.finish(metric.read(pass.reads())))) std::abort();
    }
    metric.put_objects(out);
  }
}

void run_resample(ByteReader& in, std::string& out) {
  const auto method = timeseries::Method::parse(read_text(in));
  const std::string by = read_text(in);
  const auto granularity = in.read<std::int64_t>();
  timeseries::Series series;
  for (const Measure& measure : read_measures(in)) {
    series.times.push_back(measure.timestamp.time_since_epoch().count());
    series.values.push_back(measure.value);
  }
  const auto group = timeseries::parse_calendar_group(by);
  const auto result = group ? resample(series, method.value(), *group)
                            : resample(series, method.value(), Timespan{granularity});
  put<std::uint32_t>(out, static_cast<std::uint32_t>(result.size()));
  for (const auto time : result.times) put(out, time);
  for (const auto value : result.values) put(out, value);
}

}  // namespace

int main() {
  std::cin >> std::noskipws;
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  ByteReader in(input);
  while (in.remaining() > 0) {
    std::string out;
    if (in.read<char>() == 'P') {
      run_passes(in, out);
    } else {
      run_resample(in, out);
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  return 0;
}
