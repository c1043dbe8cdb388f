#include "core/query/expression.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "gnocchi/error.h"

namespace gnocchi::query {
namespace {

bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

class ExpressionParser {
 public:
  explicit ExpressionParser(std::string_view text) : text_(text) {}

  Expression parse() {
    skip_spaces();
    if (!at('(')) expected("'('");
    return list(0);
  }

 private:
  bool at(char c) const { return position_ < text_.size() && text_[position_] == c; }
  void skip_spaces() {
    while (position_ < text_.size() && is_space(text_[position_])) ++position_;
  }
  [[noreturn]] void expected(const std::string& what) const {
    const std::string found = position_ == text_.size() ? ", found end of text " : " ";
    throw Refused{Refused::Reason::invalid_value, Refused::Subject::none,
                  "Expected " + what + found + " (at char " + std::to_string(position_) +
                      "), (line:1, col:" + std::to_string(position_ + 1) + ")"};
  }

  Expression list(int depth) {
    if (depth > kMaxExpressionDepth) expected("fewer levels");
    ++position_;
    std::vector<Expression> items;
    for (skip_spaces(); !at(')'); skip_spaces()) {
      if (position_ == text_.size()) expected("')'");
      items.push_back(at('(') ? list(depth + 1) : word());
    }
    ++position_;
    return {std::move(items)};
  }

  Expression word() {
    if (at('"') || at('\'')) return quoted();
    const std::size_t begin = position_;
    while (position_ < text_.size() && !is_space(text_[position_]) && !at('(') && !at(')')) {
      ++position_;
    }
    return {std::string(text_.substr(begin, position_ - begin))};
  }

  Expression quoted() {
    const std::size_t end = text_.find(text_[position_], position_ + 1);
    if (end == std::string_view::npos) expected(std::string(1, text_[position_]));
    const std::size_t begin = position_ + 1;
    position_ = end + 1;
    return {std::string(text_.substr(begin, end - begin))};
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

/// Appends until the text is `longest` bytes or somewhat longer.
void append(std::string& out, const Expression& expression, std::size_t longest) {
  if (const auto* number = std::get_if<double>(&expression.content)) {
    std::array<char, 32> text{};
    out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), *number).ptr);
    if (std::trunc(*number) == *number && std::fabs(*number) < 1e16) out += ".0";
  } else if (const auto* word = std::get_if<std::string>(&expression.content)) {
    out += '\'' + *word + '\'';
  } else {
    out += '[';
    bool first = true;
    for (const auto& item : std::get<std::vector<Expression>>(expression.content)) {
      if (out.size() >= longest) break;
      if (!std::exchange(first, false)) out += ", ";
      append(out, item, longest);
    }
    out += ']';
  }
}

}  // namespace

Expression parse_expression(std::string_view text) { return ExpressionParser{text}.parse(); }

std::string python_text(const Expression& expression, std::size_t longest) {
  std::string text;
  append(text, expression, longest);
  if (text.size() > longest) text.replace(longest, std::string::npos, "...");
  return text;
}

}  // namespace gnocchi::query
