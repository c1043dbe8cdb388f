#include "access_rules.h"

#include <algorithm>
#include <string>
#include <vector>

namespace gnocchi::keystone {
namespace {

struct Piece {
  enum class Kind { literal, segment, anything };
  Kind kind;
  char literal = 0;
};

std::vector<Piece> pieces_of(std::string_view pattern) {
  std::vector<Piece> pieces;
  while (!pattern.empty()) {
    const std::size_t brace = pattern.front() == '{' ? pattern.find('}') : std::string_view::npos;
    if (brace != std::string_view::npos) {
      pieces.push_back({Piece::Kind::segment});
      pattern.remove_prefix(brace + 1);
    } else if (pattern.starts_with("**")) {
      pieces.push_back({Piece::Kind::anything});
      pattern.remove_prefix(2);
    } else {
      pieces.push_back(pattern.front() == '*' ? Piece{Piece::Kind::segment}
                                              : Piece{Piece::Kind::literal, pattern.front()});
      pattern.remove_prefix(1);
    }
  }
  return pieces;
}

}  // namespace

bool path_matches(std::string_view path, std::string_view pattern) {
  // reached[i]: the pieces so far can stand for the first i characters.
  std::vector<bool> reached(path.size() + 1, false);
  reached[0] = true;
  for (const Piece& piece : pieces_of(pattern)) {
    std::vector<bool> next(path.size() + 1, false);
    if (piece.kind == Piece::Kind::anything) next[0] = reached[0];
    for (std::size_t i = 0; i != path.size(); ++i) {
      switch (piece.kind) {
        case Piece::Kind::literal: next[i + 1] = reached[i] && path[i] == piece.literal; break;
        case Piece::Kind::segment: next[i + 1] = path[i] != '/' && (reached[i] || next[i]); break;
        case Piece::Kind::anything: next[i + 1] = reached[i + 1] || next[i]; break;
      }
    }
    reached = std::move(next);
  }
  return reached.back();
}

bool allowed_by_access_rules(const Token& token, std::string_view method, std::string_view path,
                             std::string_view service_type, bool with_service_token) {
  if (!token.access_rules) return true;
  if (service_type.empty()) return false;
  const auto& types = token.catalog_types;
  if (types && std::find(types->begin(), types->end(), service_type) == types->end()) return false;
  if (with_service_token) return true;
  return std::any_of(token.access_rules->begin(), token.access_rules->end(),
                     [&](const AccessRule& rule) {
                       return rule.method == method && rule.service == service_type &&
                              path_matches(path, rule.path);
                     });
}

}  // namespace gnocchi::keystone
