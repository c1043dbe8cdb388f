// What a request with a token that was seen before costs, against a fake Keystone on loopback.
// Argument "tokens": how many different ones take turns.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "core/config/driver_options.h"
#include "core/config/settings.h"
#include "plugins/auth-keystone/keystone_authenticator.h"
#include "plugins/auth-keystone/options.h"
#include "tests/support/memory_log.h"
#include "tests/unit/auth/fake_keystone.h"

namespace gnocchi::keystone {
namespace {

class Service {
 public:
  Service() {
    const auto settings = config::settings_from_text(
        "[indexer]\nurl = sqlite:///x\n[keystone_authtoken]\nauth_url = " + keystone_.url() +
        "\nusername = gnocchi\npassword = secret\nproject_name = service\n");
    config::Faults faults;
    options_ = config::make_driver_options(*settings, kOptions, {"keystone_authtoken"}, {}, faults);
    faults.throw_if_any();
    context_ = std::make_unique<plugin::Context>(plugin::Context{*options_, log_, "benchmark"});
    driver_ = std::make_unique<KeystoneAuthenticator>(*context_);
    driver_->start();
  }

  /// As long as Fernet's.
  std::string add_token(std::size_t n) {
    std::string token = "gAAAAAB" + std::to_string(n) + std::string(170, 'x');
    keystone_.add(token);
    return token;
  }

  bool accepts(const std::string& token) {
    RequestHead head{"GET", "/v1/metric", {}};
    head.headers = {{"Host", "localhost"}, {"Accept", "application/json"}, {"X-Auth-Token", token}};
    return std::holds_alternative<Identity>(driver_->authenticate(head));
  }

 private:
  FakeKeystone keystone_;
  support::MemoryLog log_;
  std::unique_ptr<plugin::Options> options_;
  std::unique_ptr<plugin::Context> context_;
  std::unique_ptr<KeystoneAuthenticator> driver_;
};

void cached_token(benchmark::State& state) {
  static std::unique_ptr<Service> service;
  static std::vector<std::string> tokens;
  if (state.thread_index() == 0) {
    service = std::make_unique<Service>();
    tokens.clear();
    for (std::size_t n = 0; n != static_cast<std::size_t>(state.range(0)); ++n) {
      tokens.push_back(service->add_token(n));
      service->accepts(tokens.back());
    }
  }
  std::size_t n = static_cast<std::size_t>(state.thread_index());
  for (auto _ : state) {
    if (!service->accepts(tokens[n++ % tokens.size()])) state.SkipWithError("refused");
  }
  if (state.thread_index() == 0) service.reset();
}
BENCHMARK(cached_token)
    ->ArgName("tokens")
    ->Arg(1)
    ->Arg(1000)
    ->Threads(1)
    ->Threads(4)
    ->UseRealTime();

}  // namespace
}  // namespace gnocchi::keystone

BENCHMARK_MAIN();
