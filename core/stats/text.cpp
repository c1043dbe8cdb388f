#include "core/stats/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace gnocchi::stats {
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end.ptr};
}

std::string seconds(nanoseconds time) {
  return number(std::chrono::duration<double>(time).count());
}

/// Of a label's value; in help texts the quote is left alone, which does no harm there.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '"': out += "\\\""; break;
      case '\n': out += "\\n"; break;
      default: out += c;
    }
  }
}

void append_label(std::string& out, std::string_view name, std::string_view value) {
  out += out.back() == '{' ? "" : ",";
  out += name;
  out += "=\"";
  append_escaped(out, value);
  out += '"';
}

}  // namespace

Family::Family(std::string_view name, std::string_view type, std::string_view help) : name_(name) {
  head_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  head_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Family::sample(std::string_view suffix, Labels labels, std::string_view bound,
                    std::string_view value) {
  samples_ += name_;
  samples_ += suffix;
  if (labels.size() > 0 || !bound.empty()) {
    samples_ += '{';
    for (const auto& [name, text] : labels) append_label(samples_, name, text);
    if (!bound.empty()) append_label(samples_, "le", bound);
    samples_ += '}';
  }
  samples_ += ' ';
  samples_ += value;
  samples_ += '\n';
}

void Family::add(Labels labels, std::uint64_t value) {
  sample("", labels, "", std::to_string(value));
}

void Family::add(Labels labels, double value) { sample("", labels, "", number(value)); }

void Family::add(Labels labels, const Histogram& histogram) {
  const auto bounds = histogram.bounds();
  std::uint64_t up_to = 0;
  for (std::size_t n = 0; n < bounds.size(); ++n) {
    up_to += histogram.count_in(n);
    sample("_bucket", labels, seconds(bounds[n]), std::to_string(up_to));
  }
  up_to += histogram.count_in(bounds.size());
  sample("_bucket", labels, "+Inf", std::to_string(up_to));
  sample("_sum", labels, "", seconds(histogram.sum()));
  sample("_count", labels, "", std::to_string(up_to));
}

std::string Family::text() const { return samples_.empty() ? std::string() : head_ + samples_; }

Family& Text::counter(std::string_view name, std::string_view help) {
  return family(name, "counter", help);
}

Family& Text::gauge(std::string_view name, std::string_view help) {
  return family(name, "gauge", help);
}

Family& Text::histogram(std::string_view name, std::string_view help) {
  return family(name, "histogram", help);
}

Family& Text::family(std::string_view name, std::string_view type, std::string_view help) {
  for (Family& known : families_) {
    if (known.name() == name) return known;
  }
  return families_.emplace_back(name, type, help);
}

std::string Text::text() const {
  std::string all;
  for (const Family& family : families_) all += family.text();
  return all;
}

}  // namespace gnocchi::stats
