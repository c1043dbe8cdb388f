#include "core/policy/rule.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

#include "gnocchi/error.h"

namespace gnocchi::policy {
namespace {

// Nobody writes rules this deep; the limit keeps a garbled file from exhausting the stack.
constexpr int kMaxDepth = 100;
// Two attributes in one check are more than any known policy uses, and what a filter over rows can
// still express exactly.
constexpr std::ptrdiff_t kMaxAttributes = 2;

[[noreturn]] void refuse(const std::string& what) {
  throw Refused{Refused::Reason::invalid_value, Refused::Subject::none, what};
}

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return result;
}

Template parse_template(std::string_view text) {
  Template result;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) result.pieces.push_back({false, std::move(plain)});
    plain.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
    } else if (text.substr(i, 2) == "%%") {
      plain += '%';
      ++i;
    } else {
      const std::size_t end = text.find(')', i);
      if (text.substr(i, 2) != "%(" || end == std::string_view::npos || end == i + 2 ||
          text.substr(end + 1, 1) != "s") {
        refuse("'" + std::string{text} + "': a '%' must be %(attribute)s or %%");
      }
      flush();
      result.pieces.push_back({true, std::string{text.substr(i + 2, end - i - 2)}});
      i = end + 1;
    }
  }
  flush();
  const auto attributes = std::count_if(result.pieces.begin(), result.pieces.end(),
                                        [](const auto& piece) { return piece.is_attribute; });
  if (attributes > kMaxAttributes) {
    refuse("'" + std::string{text} + "': more than two attributes in one check");
  }
  return result;
}

/// The text of a Python literal as str() would print it; nullopt: it is a credential's name.
std::optional<std::string> literal_text(std::string_view kind) {
  if (kind.size() >= 2 && kind.front() == kind.back() &&
      (kind.front() == '\'' || kind.front() == '"')) {
    return std::string{kind.substr(1, kind.size() - 2)};
  }
  if (kind == "True" || kind == "False" || kind == "None") return std::string{kind};
  double number = 0;
  const char* end = kind.data() + kind.size();
  if (!kind.empty() && (kind[0] == '-' || (kind[0] >= '0' && kind[0] <= '9')) &&
      std::from_chars(kind.data(), end, number).ptr == end) {
    return std::string{kind};
  }
  return std::nullopt;
}

Check parse_check(std::string_view text) {
  Check check;
  if (text == "@") {
    check.kind = Check::Kind::always;
    return check;
  }
  if (text == "!") return check;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    refuse("'" + std::string{text} + "' is no check (kind:match, '@' or '!')");
  }
  const std::string_view kind = text.substr(0, colon);
  const std::string_view match = text.substr(colon + 1);
  if (kind == "rule") {
    check.kind = Check::Kind::rule;
    check.subject = match;
  } else if (kind == "http" || kind == "https") {
    check.kind = Check::Kind::remote;
    check.subject = text;
  } else if (kind == "role") {
    check.kind = Check::Kind::role;
    check.match = parse_template(match);
  } else if (auto literal = literal_text(kind)) {
    check.kind = Check::Kind::literal;
    check.subject = std::move(*literal);
    check.match = parse_template(match);
  } else {
    check.kind = Check::Kind::credential;
    check.subject = kind;
    check.match = parse_template(match);
  }
  return check;
}

struct Token {
  enum class Kind { open, close, op_and, op_or, op_not, check, end };
  Kind kind = Kind::end;
  std::string_view text;
};

/// Tokens are separated by spaces; parentheses count at a token's start and end only, because they
/// may stand inside a check ("%(name)s").
std::vector<Token> tokenize(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && !is_space(text[end])) ++end;
    std::string_view word = text.substr(i, end - i);
    i = end;
    while (word.starts_with('(')) {
      tokens.push_back({Token::Kind::open, "("});
      word.remove_prefix(1);
    }
    std::size_t closing = 0;
    while (word.ends_with(')')) {
      ++closing;
      word.remove_suffix(1);
    }
    if (!word.empty()) {
      const std::string name = lower(word);
      const auto kind = name == "and"   ? Token::Kind::op_and
                        : name == "or"  ? Token::Kind::op_or
                        : name == "not" ? Token::Kind::op_not
                                        : Token::Kind::check;
      tokens.push_back({kind, word});
    }
    tokens.insert(tokens.end(), closing, Token{Token::Kind::close, ")"});
  }
  tokens.push_back({Token::Kind::end, "the end"});
  return tokens;
}

/// "not" binds closest, then "and", then "or".
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Check parse() {
    Check check = any_of(0);
    if (peek().kind != Token::Kind::end) unexpected();
    return check;
  }

 private:
  const Token& peek() const { return tokens_[position_]; }
  bool take(Token::Kind kind) {
    if (peek().kind != kind) return false;
    ++position_;
    return true;
  }
  [[noreturn]] void unexpected() const {
    refuse("unexpected " + std::string{peek().text} + " as word " + std::to_string(position_ + 1));
  }

  static Check joined(Check::Kind kind, std::vector<Check> children) {
    if (children.size() == 1) return std::move(children.front());
    return {kind, std::move(children), {}, {}};
  }

  Check any_of(int depth) {
    std::vector<Check> children;
    do children.push_back(all_of(depth));
    while (take(Token::Kind::op_or));
    return joined(Check::Kind::any_of, std::move(children));
  }

  Check all_of(int depth) {
    std::vector<Check> children;
    do children.push_back(unary(depth));
    while (take(Token::Kind::op_and));
    return joined(Check::Kind::all_of, std::move(children));
  }

  Check unary(int depth) {
    if (depth > kMaxDepth) refuse("nested too deep");
    if (take(Token::Kind::op_not)) {
      Check check{Check::Kind::negate, {}, {}, {}};
      check.children.push_back(unary(depth + 1));
      return check;
    }
    if (take(Token::Kind::open)) {
      Check check = any_of(depth + 1);
      if (!take(Token::Kind::close)) unexpected();
      return check;
    }
    if (peek().kind != Token::Kind::check) unexpected();
    return parse_check(tokens_[position_++].text);
  }

  std::vector<Token> tokens_;
  std::size_t position_ = 0;
};

}  // namespace

bool Template::has_attributes() const noexcept {
  return std::any_of(pieces.begin(), pieces.end(),
                     [](const Piece& piece) { return piece.is_attribute; });
}

std::string Template::plain() const {
  std::string result;
  for (const Piece& piece : pieces) result += piece.text;
  return result;
}

Check parse_rule(std::string_view text) {
  if (std::all_of(text.begin(), text.end(), is_space)) return {Check::Kind::always, {}, {}, {}};
  return Parser{tokenize(text)}.parse();
}

Check parse_rule(const std::vector<std::vector<std::string>>& lists) {
  if (lists.empty()) return {Check::Kind::always, {}, {}, {}};
  Check outer{Check::Kind::any_of, {}, {}, {}};
  for (const auto& list : lists) {
    if (list.empty()) continue;
    Check inner{Check::Kind::all_of, {}, {}, {}};
    for (const std::string& check : list) inner.children.push_back(parse_check(check));
    outer.children.push_back(std::move(inner));
  }
  return outer;
}

}  // namespace gnocchi::policy
