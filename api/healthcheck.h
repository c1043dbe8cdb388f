#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/http.h"
#include "core/config/config.h"

namespace gnocchi::api {

/// Tells load balancers whether to send requests here, as oslo.middleware's healthcheck does: says
/// that the API is there, and no more, unless checks are named in [healthcheck] backends. They look
/// whether an operator's file exists, which takes this API out of service: 503 "DISABLED BY FILE".
/// Immutable; any thread.
class Healthcheck {
 public:
  explicit Healthcheck(const config::Config& config);

  const std::string& path() const noexcept { return path_; }
  /// Text, HTML or JSON, by Accept; 204 or 503 without a body for HEAD.
  void answer(const Request& request, Response& response) const;

 private:
  struct Check {
    std::string file;
    bool available() const;
  };

  std::string path_;
  std::vector<Check> checks_;
};

}  // namespace gnocchi::api
