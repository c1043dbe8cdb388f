#include "api/router.h"

#include <map>

#include "api/errors.h"
#include "api/url.h"
#include "core/index/utf8.h"

namespace gnocchi::api {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    const auto end = path.find('/');
    if (end != 0) segments.push_back(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
  }
  return segments;
}

bool is_argument(std::string_view segment) {
  return segment.size() >= 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

struct Router::Node {
  struct Route {
    Handler handler;
    std::size_t index = 0;
  };
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> argument;
  std::map<std::string, Route, std::less<>> methods;  // sorted, as Allow is
};

namespace {

/// Walks the tree, literal branches first, until a node with `method`; remembers the first node
/// that the path leads to, for 405.
template <typename Node>
struct Walk {
  const std::vector<std::string>& segments;
  std::string_view method;
  std::vector<std::string> arguments;
  const Node* first_node = nullptr;

  const Node* find(const Node& node, std::size_t depth) {
    if (depth == segments.size()) {
      if (node.methods.empty()) return nullptr;
      if (first_node == nullptr) first_node = &node;
      return node.methods.contains(method) ? &node : nullptr;
    }
    const auto literal = node.literals.find(segments[depth]);
    if (literal != node.literals.end()) {
      if (const Node* found = find(*literal->second, depth + 1)) return found;
    }
    if (node.argument == nullptr) return nullptr;
    arguments.push_back(segments[depth]);
    if (const Node* found = find(*node.argument, depth + 1)) return found;
    arguments.pop_back();
    return nullptr;
  }
};

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::insert(RouteInfo route, Handler handler) {
  Node* node = root_.get();
  for (const auto segment : segments_of(route.pattern)) {
    auto& next = is_argument(segment) ? node->argument : node->literals[std::string(segment)];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  node->methods[route.method] = Node::Route{std::move(handler), routes_.size()};
  routes_.push_back(std::move(route));
}

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  insert({std::string(method), std::string(pattern)}, std::move(handler));
}

void Router::add_rows(std::string_view method, std::string_view pattern, Handler handler) {
  insert({std::string(method), std::string(pattern), false, true}, std::move(handler));
}

void Router::add_open(std::string_view method, std::string_view pattern, Handler handler) {
  insert({std::string(method), std::string(pattern), true}, std::move(handler));
}

Router::Match Router::find(std::string_view method, std::string_view raw_path) const {
  std::vector<std::string> segments;
  for (const auto segment : segments_of(raw_path)) {
    segments.push_back(decode_percent(segment));
    // Nothing has a name that is no UTF-8, and databases fail at being asked for one.
    if (!index::is_utf8(segments.back())) throw HttpError(404);
  }
  Walk<Node> walk{segments, method, {}};
  if (const Node* node = walk.find(*root_, 0)) {
    const auto& route = node->methods.find(method)->second;
    const auto& info = routes_[route.index];
    return Match{&route.handler, std::move(walk.arguments), info.open, info.rows, route.index};
  }
  if (walk.first_node == nullptr) throw HttpError(404);
  std::string allow;
  for (const auto& [name, route] : walk.first_node->methods) {
    if (name == "HEAD") continue;  // as pecan: what GET implies is not listed
    allow += (allow.empty() ? "" : ", ") + name;
  }
  Headers headers;
  headers.set("Allow", std::move(allow));
  throw HttpError(405, Detail{}, std::move(headers));
}

}  // namespace gnocchi::api
