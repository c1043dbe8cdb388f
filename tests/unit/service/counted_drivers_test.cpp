#include "core/service/counted_drivers.h"

#include <gmock/gmock.h>

#include "core/pipeline/ingest.h"
#include "tests/support/fake_indexer.h"
#include "tests/support/memory_incoming.h"
#include "tests/support/memory_storage.h"

namespace gnocchi::service {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A storage whose reads fail as told.
class BrokenStorage : public support::MemoryStorage {
 public:
  explicit BrokenStorage(std::function<void()> fail) : fail_(std::move(fail)) {}
  std::vector<std::optional<StoredObject>> read(std::span<const ObjectRef> refs) override {
    fail_();
    return MemoryStorage::read(refs);
  }

 private:
  std::function<void()> fail_;
};

std::string text_of(const auto& source) {
  stats::Text text;
  source.describe(text);
  return text.text();
}

std::string errors(const std::string& error, int count) {
  return "gnocchi_driver_errors_total{kind=\"storage\",driver=\"memory\",error=\"" + error +
         "\"} " + std::to_string(count) + "\n";
}

TEST(CountedDrivers, ErrorsAreCountedByKindAndGoOn) {
  DriverCalls calls("storage", "memory");
  std::function<void()> fail = [] {};
  const auto storage = counted(std::make_unique<BrokenStorage>([&] { fail(); }), calls);
  EXPECT_NO_THROW(storage->read({}));
  fail = [] { throw Error(Error::Code::timed_out, "slow"); };
  EXPECT_THROW(storage->read({}), Error);
  EXPECT_THROW(storage->read({}), Error);
  fail = [] { throw std::bad_alloc(); };
  EXPECT_THROW(storage->read({}), std::bad_alloc);
  EXPECT_THAT(text_of(calls),
              AllOf(HasSubstr(errors("timed_out", 2)), HasSubstr(errors("internal", 1)),
                    HasSubstr(errors("unavailable", 0)),
                    HasSubstr("gnocchi_driver_call_duration_seconds_count{kind=\"storage\","
                              "driver=\"memory\"} 4\n")));
}

TEST(CountedDrivers, RefusalIsNoError) {
  DriverCalls calls("storage", "memory");
  const auto storage =
      counted(std::make_unique<BrokenStorage>([] {
                throw Refused(Refused::Reason::still_in_use, Refused::Subject::none, "in use");
              }),
              calls);
  EXPECT_THROW(storage->read({}), Refused);
  EXPECT_THAT(text_of(calls), HasSubstr(errors("internal", 0)));
}

TEST(CountedDrivers, AcceptedMeasuresAreCounted) {
  DriverCalls calls("incoming", "memory");
  Accepted accepted;
  const auto incoming = counted(std::make_unique<support::MemoryIncoming>(), calls, accepted);
  const std::vector<pipeline::MetricMeasures> measures{
      {MetricId(Uuid::random()), std::vector<Measure>(7)},
      {MetricId(Uuid::random()), std::vector<Measure>(3)}};
  pipeline::accept(*incoming, measures);
  EXPECT_EQ(incoming->report(false).bundles, 2U);
  EXPECT_THAT(text_of(accepted), AllOf(HasSubstr("gnocchi_measures_accepted_total 10\n"),
                                       HasSubstr("gnocchi_bundles_accepted_total 2\n")));
}

TEST(CountedDrivers, IndexersRolesAreCountedTogether) {
  DriverCalls calls("indexer", "fake");
  auto fake = std::make_unique<support::FakeIndexer>();
  ArchivePolicy policy;
  policy.name = "low";
  fake->put(policy);
  const auto metric = fake->put_metric("low");
  const auto indexer = counted(std::move(fake), calls);
  EXPECT_EQ(indexer->archive_policies().get("low")->name, "low");
  const std::array ids{metric};
  EXPECT_EQ(indexer->metrics().get(ids, false).size(), 1U);
  EXPECT_THROW(indexer->archive_policies().remove("low"), Error);
  EXPECT_THAT(text_of(calls),
              AllOf(HasSubstr("_count{kind=\"indexer\",driver=\"fake\"} 3\n"),
                    HasSubstr("{kind=\"indexer\",driver=\"fake\",error=\"internal\"} 1\n")));
}

}  // namespace
}  // namespace gnocchi::service
