#include "tests/unit/auth/fake_keystone.h"

#include <strings.h>

#include <cmath>
#include <ctime>

namespace gnocchi::keystone {
namespace {

std::string time_text(double from_now_s) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const double at =
      static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9 + from_now_s;
  const auto seconds = static_cast<std::time_t>(std::floor(at));
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const auto micros = std::to_string(static_cast<long>((at - std::floor(at)) * 1e6));
  return std::string(text, size) + "." + std::string(6 - micros.size(), '0') + micros + "Z";
}

std::string in_chunks(const std::string& body) {
  constexpr std::size_t kChunk = 100;
  std::string text;
  for (std::size_t at = 0; at < body.size(); at += kChunk) {
    const std::string part = body.substr(at, kChunk);
    char size[20];
    snprintf(size, sizeof size, "%zx;x=y\r\n", part.size());
    text += size + part + "\r\n";
  }
  return text + "0\r\nTrailer: 1\r\n\r\n";
}

}  // namespace

std::string FakeKeystone::Request::header(std::string_view name) const {
  std::size_t at = head.find("\r\n");
  while (at != std::string::npos && at + 2 < head.size()) {
    const std::size_t begin = at + 2;
    at = head.find("\r\n", begin);
    const std::string line = head.substr(begin, at - begin);
    const std::size_t colon = line.find(": ");
    if (colon == name.size() && strncasecmp(line.c_str(), name.data(), colon) == 0) {
      return line.substr(colon + 2);
    }
  }
  return {};
}

FakeKeystone::FakeKeystone()
    : server_(std::make_unique<FakeServer>([this](Peer& peer) { serve(peer); })) {}

FakeKeystone::~FakeKeystone() { server_.reset(); }

std::string FakeKeystone::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port());
}

void FakeKeystone::add(const std::string& token, FakeToken said) {
  const std::scoped_lock guard(mutex_);
  tokens_[token] = std::move(said);
}

void FakeKeystone::forget_own_tokens() {
  const std::scoped_lock guard(mutex_);
  own_.clear();
}

void FakeKeystone::intercept(std::function<bool(const Request&, Peer&)> hook) {
  const std::scoped_lock guard(mutex_);
  hook_ = std::move(hook);
}

void FakeKeystone::answer_validations(const std::string& text) {
  const std::scoped_lock guard(mutex_);
  instead_ = text;
}

void FakeKeystone::answer_validations_rightly() { answer_validations(""); }

std::vector<FakeKeystone::Request> FakeKeystone::seen() const {
  const std::scoped_lock guard(mutex_);
  return seen_;
}

std::string FakeKeystone::http(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) +
         " Text\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" +
         body;
}

std::string FakeKeystone::token_json(const FakeToken& token, const std::string& more) {
  std::string roles;
  for (const std::string& role : token.roles) {
    roles += std::string(roles.empty() ? "" : ", ") + R"({"id": "x", "name": ")" + role + "\"}";
  }
  std::string text = R"({"token": {"methods": ["password"], "user": {"id": ")" + token.user +
                     R"(", "name": "name of )" + token.user +
                     R"(", "domain": {"id": "default", "name": "Default"}}, "expires_at": ")" +
                     time_text(token.lives_s) + "\"";
  if (!token.project.empty()) {
    text += R"(, "project": {"id": ")" + token.project + R"(", "name": "name of )" + token.project +
            R"(", "domain": {"id": "pd", "name": "PD"}})";
  }
  return text + R"(, "roles": [)" + roles + "]" + token.more + more + "}}";
}

void FakeKeystone::serve(Peer& peer) {
  for (;;) {
    Request request;
    request.head = peer.read_until("\r\n\r\n");
    if (request.head.empty()) return;
    const std::size_t space = request.head.find(' ');
    request.method = request.head.substr(0, space);
    request.target = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
    const std::string length = request.header("Content-Length");
    if (!length.empty()) request.body = peer.read(std::stoul(length));
    std::function<bool(const Request&, Peer&)> hook;
    {
      const std::scoped_lock guard(mutex_);
      seen_.push_back(request);
      hook = hook_;
    }
    if (hook && hook(request, peer)) return;
    peer.send(answer(request));
    if (drops_connections) return;
  }
}

std::string FakeKeystone::answer(const Request& request) {
  if (request.target == "/") {
    return http(300,
                R"({"versions": {"values": [{"id": "v2.0", "status": "deprecated", "links": []},)"
                R"( {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": ")" +
                    url() + R"(/v3/"}]}]}})");
  }
  if (!request.target.starts_with("/v3/auth/tokens")) return http(404, "");
  return request.method == "POST" ? log_in() : validate(request);
}

std::string FakeKeystone::log_in() {
  const std::string id = "own-" + std::to_string(++logins_);
  if (!password_right) {
    return http(401, R"({"error": {"code": 401, "message": "You are nobody.", "title": "x"}})");
  }
  std::string listed = endpoints;
  for (std::size_t at = 0; (at = listed.find("{url}", at)) != std::string::npos;) {
    listed.replace(at, 5, url());
  }
  {
    const std::scoped_lock guard(mutex_);
    own_.insert(id);
  }
  FakeToken own;
  own.user = "gnocchi";
  own.lives_s = own_lives_s;
  return http(
      201, token_json(own, R"(, "catalog": [{"type": "identity", "endpoints": [)" + listed + "]}]"),
      "X-Subject-Token: " + id + "\r\n");
}

std::string FakeKeystone::validate(const Request& request) {
  ++validations_;
  const std::scoped_lock guard(mutex_);
  if (!instead_.empty()) return instead_;
  if (!own_.contains(request.header("X-Auth-Token"))) return http(401, "");
  const auto found = tokens_.find(request.header("X-Subject-Token"));
  const bool allow_expired = request.target.find("allow_expired=1") != std::string::npos;
  if (found == tokens_.end() || (found->second.lives_s <= 0 && !allow_expired)) {
    return http(404, R"({"error": {"code": 404}})");
  }
  const std::string json = token_json(found->second);
  if (!chunked) return http(200, json);
  return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + in_chunks(json);
}

}  // namespace gnocchi::keystone
