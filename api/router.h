#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http.h"

namespace gnocchi::api {

/// The {...} parts of a route's path, decoded, in order.
using PathArguments = std::vector<std::string>;

/// Fills the response or throws HttpError, Refused or Error. Called by many threads at once.
using Handler = std::function<void(const Request&, const PathArguments&, Response&)>;

/// Finds the handler of a request. Empty path segments (double and trailing slashes) are ignored.
/// Unknown path: 404 with description null; known path, other method: 405 with a sorted Allow.
class Router {
 public:
  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();
  /// `pattern`: "/v1/metric/{id}/measures". A literal segment wins over a {...} one.
  void add(std::string_view method, std::string_view pattern, Handler handler);
  /// A route whose answers are rows of points, in any RowForm.
  void add_rows(std::string_view method, std::string_view pattern, Handler handler);
  /// Routes under /v1 need an identity unless added with this.
  void add_open(std::string_view method, std::string_view pattern, Handler handler);

  /// One route, as it was added; the n-th has the index n.
  struct RouteInfo {
    std::string method;
    std::string pattern;
    bool open = false;  ///< needs no identity
    bool rows = false;  ///< answers in rows
  };
  const std::vector<RouteInfo>& routes() const noexcept { return routes_; }

  struct Match {
    const Handler* handler = nullptr;
    PathArguments arguments;
    bool open = false;
    bool rows = false;
    std::size_t route = 0;  ///< index into routes()
  };
  /// Throws HttpError 404 or 405.
  Match find(std::string_view method, std::string_view raw_path) const;

 private:
  struct Node;
  void insert(RouteInfo route, Handler handler);
  std::unique_ptr<Node> root_;
  std::vector<RouteInfo> routes_;
};

}  // namespace gnocchi::api
