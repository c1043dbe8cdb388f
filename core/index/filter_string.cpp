#include "core/index/filter_string.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "core/index/resource_id.h"
#include "core/index/utf8.h"
#include "gnocchi/error.h"

namespace gnocchi::index {
namespace {

using Op = Filter::Op;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Longer symbols before their beginnings. "==" is no operator of this form.
constexpr std::array<std::pair<std::string_view, Op>, 9> kSymbols{{
    {">=", Op::ge},
    {"<=", Op::le},
    {"!=", Op::ne},
    {"\xe2\x89\xa0", Op::ne},
    {"\xe2\x89\xa5", Op::ge},
    {"\xe2\x89\xa4", Op::le},
    {">", Op::gt},
    {"<", Op::lt},
    {"=", Op::eq},
}};
constexpr std::array<std::pair<std::string_view, Op>, 8> kWords{{
    {"eq", Op::eq},
    {"ne", Op::ne},
    {"lt", Op::lt},
    {"gt", Op::gt},
    {"le", Op::le},
    {"ge", Op::ge},
    {"in", Op::in},
    {"like", Op::like},
}};
constexpr std::string_view kAnd = "\xe2\x88\xa7";
constexpr std::string_view kOr = "\xe2\x88\xa8";

/// Recursive descent over the text; `at_` is the next byte.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  FilterTree parse() {
    FilterTree tree = disjunction();
    skip_spaces();
    if (at_ != text_.size()) expected("end of text");
    return tree;
  }

 private:
  /// One per nesting, however it is written: bounds the recursion.
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMaxFilterDepth) {
        parser_.refuse("nested deeper than " + std::to_string(kMaxFilterDepth) + " levels");
      }
    }
    ~Nesting() { --parser_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Parser& parser_;
  };

  FilterTree disjunction() {
    return sequence(Op::any_of, "or", kOr, [this] { return conjunction(); });
  }
  FilterTree conjunction() {
    return sequence(Op::all_of, "and", kAnd, [this] { return negation(); });
  }

  template <class Operand>
  FilterTree sequence(Op op, std::string_view word, std::string_view symbol, Operand operand) {
    FilterTree first = operand();
    if (!take_word(word) && !take(symbol)) return first;
    FilterTree tree{op, {}, {}, {}};
    tree.children.push_back(std::move(first));
    do {
      tree.children.push_back(operand());
    } while (take_word(word) || take(symbol));
    return tree;
  }

  FilterTree negation() {
    const Nesting nesting(*this);
    if (take_word("not")) {
      FilterTree tree{Op::negate, {}, {}, {}};
      tree.children.push_back(negation());
      return tree;
    }
    if (take("(")) {
      FilterTree tree = disjunction();
      if (!take(")")) expected("')'");
      return tree;
    }
    return condition();
  }

  FilterTree condition() {
    FilterTree tree;
    tree.field = field();
    const auto op = comparison();
    if (!op) expected("operator");
    tree.op = *op;
    if (tree.op == Op::in) {
      tree.values = list();
    } else {
      tree.values.push_back(value());
    }
    return tree;
  }

  std::string field() {
    skip_spaces();
    if (const auto text = quoted()) return std::string(*text);
    const std::string_view name = word();
    if (name.empty()) expected("term");
    return std::string(name);
  }

  std::optional<Op> comparison() {
    for (const auto& [symbol, op] : kSymbols) {
      if (take(symbol)) return op;
    }
    for (const auto& [name, op] : kWords) {
      if (take_word(name)) return op;
    }
    return std::nullopt;
  }

  std::vector<Value> list() {
    std::vector<Value> values;
    if (!take("[")) expected("'['");
    if (take("]")) refuse("length of value must be at least 1");
    do {
      values.push_back(value());
    } while (take(","));
    if (!take("]")) expected("']'");
    return values;
  }

  Value value() {
    skip_spaces();
    if (const auto text = quoted()) return std::string(*text);
    if (const auto id = uuid()) return std::string(*id);
    if (at_ < text_.size() && is_letter(text_[at_])) {
      const std::string_view name = word();
      if (name == "null" || name == "none" || name == "None") return std::monostate{};
      if (name == "true" || name == "True") return true;
      if (name == "false" || name == "False") return false;
      return std::string(name);
    }
    return number();
  }

  /// Text in quotes; nullopt and nothing taken if there is none here.
  std::optional<std::string_view> quoted() {
    if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return std::nullopt;
    const auto end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) expected("closing quote");
    const std::string_view content = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return content;
  }

  /// 32 hexadecimal digits with the hyphens of a UUID or without, and no word character after.
  std::optional<std::string_view> uuid() {
    std::size_t end = at_;
    for (int digits = 0; digits < 32; ++digits) {
      const bool group_start = digits == 8 || digits == 12 || digits == 16 || digits == 20;
      if (group_start && end < text_.size() && text_[end] == '-') ++end;
      if (end == text_.size() || !is_hex(text_[end])) return std::nullopt;
      ++end;
    }
    if (end < text_.size() && is_word(text_[end])) return std::nullopt;
    const std::string_view id = text_.substr(at_, end - at_);
    at_ = end;
    return id;
  }

  Value number() {
    const std::size_t start = at_;
    std::size_t end = at_;
    const auto digits = [&] {
      const std::size_t first = end;
      while (end < text_.size() && is_digit(text_[end])) ++end;
      return end != first;
    };
    if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
    const std::size_t first_digit = end;
    if (!digits()) expected("term");
    bool whole = true;
    if (end < text_.size() && text_[end] == '.') {
      whole = false;
      ++end;
      digits();
    }
    if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
      const std::size_t mantissa_end = end++;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      if (digits()) {
        whole = false;
      } else {
        end = mantissa_end;
      }
    }
    at_ = end;
    const bool negative = text_[start] == '-';
    const char* const from = text_.data() + (negative ? start : first_digit);
    const char* const to = text_.data() + end;
    std::int64_t integer = 0;
    if (whole && std::from_chars(from, to, integer).ec == std::errc{}) return integer;
    double real = 0;
    if (std::from_chars(from, to, real).ec != std::errc{}) {
      at_ = start;
      refuse("number out of range");
    }
    return real;
  }

  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool take(std::string_view symbol) {
    skip_spaces();
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }

  /// Takes `expected_word` if it stands here as a whole word.
  bool take_word(std::string_view expected_word) {
    skip_spaces();
    const std::size_t start = at_;
    if (word() == expected_word) return true;
    at_ = start;
    return false;
  }

  std::string_view word() {
    const std::size_t start = at_;
    if (at_ < text_.size() && is_letter(text_[at_])) {
      while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    }
    return text_.substr(start, at_ - start);
  }

  [[noreturn]] void expected(const std::string& what) {
    skip_spaces();
    std::string found = "end of text";
    if (at_ < text_.size()) {
      std::size_t end = at_ + 1;
      if (is_word(text_[at_])) {
        while (end < text_.size() && is_word(text_[end])) ++end;
      } else {
        while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xc0) == 0x80) ++end;
      }
      found = "'" + std::string(text_.substr(at_, std::min<std::size_t>(end - at_, 40))) + "'";
    }
    refuse("Expected " + what + ", found " + found);
  }

  [[noreturn]] void refuse(const std::string& reason) {
    throw Refused(Refused::Reason::invalid_value, Refused::Subject::none,
                  "Invalid filter: " + reason + " (at char " +
                      std::to_string(count_characters(text_.substr(0, at_))) + ")");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

FilterTree parse_filter(std::string_view text) {
  if (!is_utf8(text)) {
    throw Refused(Refused::Reason::invalid_value, Refused::Subject::none,
                  "Invalid filter: Expected UTF-8");
  }
  return Parser(text).parse();
}

}  // namespace gnocchi::index
