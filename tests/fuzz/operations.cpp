// Whatever operations a client writes, as text or in a body, they are evaluated or refused with a
// 4xx; so are predicates on values.
#include <cstdlib>
#include <limits>
#include <string>

#include "api/aggregates_body.h"
#include "api/errors.h"
#include "api/value_predicate.h"
#include "core/query/evaluate.h"
#include "gnocchi/error.h"

namespace {

using namespace gnocchi;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class F>
void attempt(F call) {
  try {
    call();
  } catch (const api::HttpError& error) {
    require(error.status() >= 400 && error.status() < 500 && !error.detail().text.empty());
  } catch (const Refused& refused) {
    require(!std::string(refused.what()).empty());
  } catch (const query::TooManyPoints&) {
  }
}

/// Two series for each reference, of nine points of which one is missing.
void evaluate(const query::Program& program) {
  constexpr std::size_t kPoints = 9;
  if (program.references.empty() || program.references.size() > 100) return;
  query::Frame frame;
  frame.sampling = Timespan{std::chrono::seconds{60}};
  std::vector<std::size_t> references;
  for (std::size_t i = 0; i < kPoints; ++i) {
    frame.times.push_back(static_cast<std::int64_t>(i) * 60'000'000'000);
  }
  for (std::size_t i = 0; i < 2 * program.references.size(); ++i) {
    auto& column = frame.columns.emplace_back(kPoints, static_cast<double>(i) - 3.5);
    column[i % kPoints] = std::numeric_limits<double>::quiet_NaN();
    frame.sources.push_back(i);
    references.push_back(i / 2);
  }
  const query::Frame result = query::evaluate(program, std::move(frame), references, 10'000);
  for (const auto& column : result.columns) require(column.size() == result.times.size());
  require(result.aggregated || result.sources.size() == result.columns.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  attempt([&] { evaluate(query::compile(query::parse_expression(text))); });
  attempt([&] {
    api::Request request;
    request.headers.set("Content-Type", "application/json");
    request.body = text;
    evaluate(api::read_aggregates_body(request, "creator").program);
  });
  attempt([&] {
    const auto document = api::parse_json(text);
    const api::ValuePredicate predicate{api::JsonView(document)};
    for (const double value : {0.0, -1.5, std::numeric_limits<double>::quiet_NaN()}) {
      predicate(value);
    }
  });
  return 0;
}
