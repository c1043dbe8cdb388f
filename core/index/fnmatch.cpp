#include "core/index/fnmatch.h"

#include "core/index/utf8.h"

namespace gnocchi::index {
namespace {

constexpr auto kEnd = std::string_view::npos;

/// Where the ']' is that ends the set opened before `text`; kEnd: nowhere, the '[' is a plain one.
std::size_t end_of_set(std::string_view text) noexcept {
  std::size_t begin = text.starts_with('!') ? 1 : 0;
  if (begin < text.size() && text[begin] == ']') ++begin;
  return text.find(']', begin);
}

char32_t take(std::string_view& text) noexcept {
  const auto [c, size] = decode_utf8(text);
  text.remove_prefix(size);
  return c;
}

/// `set` is what stands between the brackets.
bool in_set(char32_t c, std::string_view set) noexcept {
  const bool negated = set.starts_with('!');
  if (negated) set.remove_prefix(1);
  bool found = false;
  while (!set.empty()) {
    const char32_t low = take(set);
    char32_t high = low;
    if (set.size() >= 2 && set.front() == '-') {
      set.remove_prefix(1);
      high = take(set);
    }
    found = found || (low <= c && c <= high);
  }
  return found != negated;
}

/// Matches one character against the pattern's head, which is no '*', and takes both off.
bool match_one(std::string_view& name, std::string_view& pattern) noexcept {
  if (name.empty() || pattern.empty()) return false;
  const char32_t wanted = take(pattern);
  const char32_t c = take(name);
  if (wanted == U'?') return true;
  if (wanted != U'[') return c == wanted;
  const auto end = end_of_set(pattern);
  if (end == kEnd) return c == wanted;
  const auto set = pattern.substr(0, end);
  pattern.remove_prefix(end + 1);
  return in_set(c, set);
}

}  // namespace

bool fnmatch(std::string_view name, std::string_view pattern) noexcept {
  // After a '*' that did not work out, try again one character later; only the last '*' counts.
  std::string_view retry_name;
  std::string_view retry_pattern;
  bool retry = false;
  while (true) {
    if (pattern.starts_with('*')) {
      pattern.remove_prefix(1);
      if (pattern.empty()) return true;
      retry = true;
      retry_name = name;
      retry_pattern = pattern;
      continue;
    }
    if (name.empty() && pattern.empty()) return true;
    if (match_one(name, pattern)) continue;
    if (!retry || retry_name.empty()) return false;
    take(retry_name);
    name = retry_name;
    pattern = retry_pattern;
  }
}

}  // namespace gnocchi::index
