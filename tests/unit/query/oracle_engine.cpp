// Answers the questions of oracle_test.py: reads computations across metrics from standard input,
// evaluates them and writes what comes out. The layout of both streams is in answer() and there.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "core/query/evaluate.h"
#include "core/query/gaps.h"
#include "core/timeseries/byte_reader.h"
#include "gnocchi/error.h"

namespace {

using namespace gnocchi;
using timeseries::ByteReader;

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

std::string read_text(ByteReader& in) { return std::string(in.take(in.read<std::uint32_t>())); }

std::optional<Timestamp> read_bound(ByteReader& in) {
  const auto ns = in.read<std::int64_t>();
  return ns < 0 ? std::nullopt : std::optional(Timestamp{Timespan{ns}});
}

struct Question {
  std::string operations;
  query::Gaps gaps;
  query::Range range;
  Timespan granularity{};
  std::vector<std::string> names;  ///< the name by which each series was found
  std::vector<timeseries::Series> series;
};

Question read_question(ByteReader& in) {
  Question question;
  question.operations = read_text(in);
  const std::string fill = read_text(in);
  if (!fill.empty()) question.gaps = query::Gaps::parse(fill).value();
  question.gaps.needed_overlap = in.read<double>();
  question.range = {read_bound(in), read_bound(in)};
  question.granularity = Timespan{in.read<std::int64_t>()};
  for (auto n = in.read<std::uint32_t>(); n > 0; --n) {
    question.names.push_back(read_text(in));
    auto& series = question.series.emplace_back();
    const auto points = in.read<std::uint32_t>();
    for (std::uint32_t i = 0; i < points; ++i) series.times.push_back(in.read<std::int64_t>());
    for (std::uint32_t i = 0; i < points; ++i) series.values.push_back(in.read<double>());
  }
  return question;
}

query::Frame evaluate(const Question& question) {
  auto program = query::compile(query::parse_expression(question.operations));
  std::vector<std::size_t> references;
  for (const std::string& name : question.names) {
    const query::Reference reference{name, "mean"};
    const auto found = std::find(program.references.begin(), program.references.end(), reference);
    references.push_back(static_cast<std::size_t>(found - program.references.begin()));
    if (found == program.references.end()) program.references.push_back(reference);
  }
  query::FrameBuilder series(question.granularity, question.series.size());
  for (std::size_t i = 0; i < question.series.size(); ++i) {
    series.add(i, query::within(question.series[i], question.range, question.granularity));
  }
  auto frame = series.take(question.gaps.filler(), query::kAnyNumberOfPoints);
  settle_gaps(frame, question.gaps, question.range);
  return evaluate(program, std::move(frame), references, query::kAnyNumberOfPoints);
}

/// 'R' and the reason of a refusal; or 'A' (aggregated) or 'S', the times, and the columns.
std::string answer(ByteReader& in) {
  std::string out;
  const Question question = read_question(in);
  try {
    const auto frame = evaluate(question);
    out += frame.aggregated ? 'A' : 'S';
    put<std::uint32_t>(out, static_cast<std::uint32_t>(frame.times.size()));
    for (const auto time : frame.times) put(out, time);
    put<std::uint32_t>(out, static_cast<std::uint32_t>(frame.columns.size()));
    for (const auto& column : frame.columns) {
      for (const double value : column) put(out, value);
    }
  } catch (const Refused& refused) {
    out = "R";
    put_text(out, refused.what());
  }
  return out;
}

}  // namespace

int main() {
  std::cin >> std::noskipws;
  const std::string input{std::istreambuf_iterator<char>(std::cin), {}};
  ByteReader in(input);
  while (in.remaining() > 0) {
    const std::string out = answer(in);
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  return 0;
}
