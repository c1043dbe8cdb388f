#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/config/driver_options.h"
#include "core/config/settings.h"
#include "gnocchi/error.h"
#include "plugins/auth-keystone/keystone_authenticator.h"
#include "plugins/auth-keystone/options.h"
#include "tests/support/memory_log.h"
#include "tests/unit/auth/fake_keystone.h"

namespace gnocchi::keystone {

/// The plugin's options as a gnocchi.conf gives them. Throws Error{invalid_config}.
inline std::unique_ptr<plugin::Options> options_of(const std::string& conf) {
  const auto settings = config::settings_from_text("[indexer]\nurl = sqlite:///x\n" + conf);
  config::Faults faults;
  auto options =
      config::make_driver_options(*settings, kOptions, {"keystone_authtoken"}, {}, faults);
  faults.throw_if_any();
  return options;
}

/// A driver that talks to a FakeKeystone.
class KeystoneFixture : public testing::Test {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  using Answer = std::variant<Identity, Challenge>;

  ~KeystoneFixture() override { stop(); }

  std::string conf(const std::string& more = "") const {
    return "[keystone_authtoken]\nauth_uri = http://public:5000\nauth_url = " + keystone_.url() +
           "\nusername = gnocchi\npassword = secret\nproject_name = service\n"
           "http_connect_timeout = 2\n" +
           more;
  }

  void start(const std::string& more = "") {
    options_ = options_of(conf(more));
    context_.emplace(plugin::Context{*options_, log_, "test"});
    driver_ = std::make_unique<KeystoneAuthenticator>(*context_);
    driver_->start();
  }
  void stop() {
    if (driver_) driver_->stop();
    driver_.reset();
  }

  Answer ask(const Headers& headers, std::string_view method = "GET",
             std::string_view path = "/v1/metric") {
    RequestHead head{method, path, {}};
    for (const auto& [name, value] : headers) head.headers.emplace_back(name, value);
    return driver_->authenticate(head);
  }
  Answer ask(const std::string& token) { return ask(Headers{{"X-Auth-Token", token}}); }

  /// "200", the status of a challenge, or the code of the error.
  std::string outcome(const Headers& headers) {
    try {
      const Answer answer = ask(headers);
      const auto* challenge = std::get_if<Challenge>(&answer);
      return challenge ? std::to_string(challenge->status) : "200";
    } catch (const Error& error) {
      why_ = error.what();
      return to_string(error.code());
    }
  }
  std::string outcome(const std::string& token) {
    return outcome(Headers{{"X-Auth-Token", token}});
  }

  /// The outcomes of `count` threads that ask at one time.
  std::vector<std::string> outcomes(int count, const std::function<std::string(int)>& token_of) {
    std::vector<std::string> all(static_cast<std::size_t>(count));
    std::vector<std::thread> threads;
    for (int i = 0; i != count; ++i) {
      threads.emplace_back([&, i] {
        try {
          all[static_cast<std::size_t>(i)] =
              std::holds_alternative<Identity>(ask(token_of(i))) ? "200" : "401";
        } catch (const Error& error) {
          all[static_cast<std::size_t>(i)] = to_string(error.code());
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return all;
  }

  FakeKeystone keystone_;
  support::MemoryLog log_;
  std::string why_;  // of the last error

 private:
  std::unique_ptr<plugin::Options> options_;
  std::optional<plugin::Context> context_;
  std::unique_ptr<KeystoneAuthenticator> driver_;
};

}  // namespace gnocchi::keystone
