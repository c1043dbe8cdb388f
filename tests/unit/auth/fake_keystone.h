#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/auth/fake_server.h"

namespace gnocchi::keystone {

/// What a Keystone would say of a token.
struct FakeToken {
  std::string user = "u1";
  std::string project = "p1";
  std::vector<std::string> roles{"member"};
  double lives_s = 3600;  ///< from when it is asked for; negative: has ended
  std::string more{};     ///< further members of "token": R"(, "bind": {})"
};

/// The few resources of Keystone that a service uses, and whatever goes wrong with them.
class FakeKeystone {
 public:
  struct Request {
    std::string method, target, head, body;
    std::string header(std::string_view name) const;
  };
  using Peer = FakeServer::Peer;

  FakeKeystone();
  ~FakeKeystone();

  std::string url() const;  ///< without /v3
  FakeServer& server() { return *server_; }

  void add(const std::string& token, FakeToken said = {});
  /// The service's own tokens become worthless.
  void forget_own_tokens();

  /// Takes part in what happens to a request; true: it has answered (or has not) and the
  /// connection is to be closed. Any thread.
  void intercept(std::function<bool(const Request&, Peer&)> hook);
  /// The next validations get this instead of their answer.
  void answer_validations(const std::string& text);
  void answer_validations_rightly();

  int logins() const { return logins_; }
  int validations() const { return validations_; }
  std::vector<Request> seen() const;

  /// How long the service's own tokens live.
  std::atomic<double> own_lives_s{3600};
  std::atomic<bool> password_right{true};
  /// Close connections after an answer without having said so.
  std::atomic<bool> drops_connections{false};
  std::atomic<bool> chunked{false};
  /// Of the catalogue; {url} is replaced.
  std::string endpoints =
      R"({"interface": "internal", "region": "R", "region_id": "R", "url": "{url}/v3"})";

  static std::string http(int status, const std::string& body, const std::string& headers = "");
  static std::string token_json(const FakeToken& token, const std::string& more = "");

 private:
  void serve(Peer& peer);
  std::string answer(const Request& request);
  std::string log_in();
  std::string validate(const Request& request);

  mutable std::mutex mutex_;
  std::map<std::string, FakeToken> tokens_;
  std::set<std::string> own_;
  std::vector<Request> seen_;
  std::function<bool(const Request&, Peer&)> hook_;
  std::string instead_;
  std::atomic<int> logins_{0};
  std::atomic<int> validations_{0};
  std::unique_ptr<FakeServer> server_;
};

}  // namespace gnocchi::keystone
