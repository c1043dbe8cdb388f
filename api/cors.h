#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"
#include "core/config/config.h"

namespace gnocchi::api {

/// Cross-origin resource sharing as oslo.middleware does it, from the options of [cors]. Immutable;
/// any thread.
class Cors {
 public:
  explicit Cors(const config::Config& config);

  /// Adds the headers that browsers look for, for requests from an allowed origin. An OPTIONS
  /// request that the application has not answered with 2xx becomes an empty 200.
  void decorate(const Request& request, Response& response) const;

 private:
  /// The value for Access-Control-Allow-Origin; empty: not allowed.
  std::string_view allowed_origin(std::string_view origin) const;
  void answer_preflight(const Request& request, std::string_view origin, Response& response) const;

  std::vector<std::string> allowed_origins_;
  std::vector<std::string> expose_headers_;
  std::vector<std::string> allow_methods_;
  std::vector<std::string> allow_headers_;
  std::int64_t max_age_s_ = 0;
  bool allow_credentials_ = true;
};

}  // namespace gnocchi::api
