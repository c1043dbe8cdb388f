#include "tests/driver-kit/kit.h"

#include <chrono>
#include <deque>
#include <thread>

#include "core/plugin/loader.h"
#include "gnocchi/error.h"

namespace gnocchi::kit {
namespace {

using namespace std::chrono_literals;

/// Enough to see what led to a failure, little enough to read.
constexpr std::size_t kCallsShown = 40;

struct Calls {
  std::mutex mutex;
  std::deque<std::string> last;
  std::size_t count = 0;
};

Calls& calls() {
  static Calls one;
  return one;
}

}  // namespace

std::mt19937_64 random_engine(std::uint64_t salt) {
  return std::mt19937_64(target().seed + 0x9e3779b97f4a7c15 * salt);
}

MetricId fresh_metric() { return MetricId(Uuid::random()); }
ResourceId fresh_resource() { return ResourceId(Uuid::random()); }

std::string fresh_name(std::string_view prefix) {
  std::string name(prefix);
  for (const char c : Uuid::random().to_string()) {
    if (c != '-') name += c;
  }
  return name;
}

Bytes random_bytes(std::mt19937_64& random, std::size_t size) {
  Bytes bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

void note(std::string call) {
  Calls& all = calls();
  const std::scoped_lock lock(all.mutex);
  ++all.count;
  all.last.push_back(std::move(call));
  if (all.last.size() > kCallsShown) all.last.pop_front();
}

void start(Driver& driver) {
  const auto give_up = std::chrono::steady_clock::now() + 30s;
  for (;;) {
    try {
      driver.start();
      return;
    } catch (const Error& error) {
      const bool may_help =
          error.code() == Error::Code::unavailable || error.code() == Error::Code::timed_out;
      if (!may_help || std::chrono::steady_clock::now() > give_up) throw;
      note(std::string("start: ") + error.what());
    }
    std::this_thread::sleep_for(500ms);
  }
}

void in_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::size_t i = 0; i != count; ++i) {
    threads.emplace_back([&work, i] {
      try {
        work(i);
      } catch (const std::exception& failure) {
        ADD_FAILURE() << "thread " << i << ": " << failure.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

void CaseBase::SetUp() {
  const std::string suite =
      ::testing::UnitTest::GetInstance()->current_test_info()->test_suite_name();
  std::string kind = plugin::to_string(target().kind);
  kind.front() = static_cast<char>(kind.front() - 'a' + 'A');
  if (!suite.starts_with(kind)) {
    GTEST_SKIP() << "a case for other drivers than " << plugin::to_string(target().kind) << ":"
                 << target().name;
  }
  Calls& all = calls();
  const std::scoped_lock lock(all.mutex);
  all.last.clear();
  all.count = 0;
}

void CaseBase::TearDown() {
  if (!HasFailure()) return;
  Calls& all = calls();
  const std::scoped_lock lock(all.mutex);
  std::string text = "seed " + std::to_string(target().seed) + "; calls made:";
  if (all.count > all.last.size()) {
    text += "\n  (" + std::to_string(all.count - all.last.size()) + " more before)";
  }
  for (const std::string& call : all.last) text += "\n  " + call;
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace gnocchi::kit
