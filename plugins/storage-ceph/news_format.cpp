#include "news_format.h"

#include <charconv>
#include <system_error>

namespace gnocchi::ceph {

std::string encode_news(const std::string& sender, const std::set<SackNumber>& sacks) {
  std::string text = sender;
  for (const SackNumber sack : sacks) {
    text += ' ';
    text += std::to_string(sack.value);
  }
  return text;
}

std::vector<SackNumber> decode_news(std::string_view text, std::string_view self) {
  std::vector<SackNumber> sacks;
  std::size_t space = text.find(' ');
  if (text.substr(0, space) == self) return sacks;
  while (space != std::string_view::npos) {
    text.remove_prefix(space + 1);
    space = text.find(' ');
    const std::string_view number = text.substr(0, space);
    SackNumber sack;
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), sack.value);
    const bool whole = error == std::errc{} && end == number.data() + number.size();
    if (whole && sack.value < kMostSacks) sacks.push_back(sack);
  }
  return sacks;
}

}  // namespace gnocchi::ceph
