#pragma once

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/timeseries/series.h"

/// Readers of the files that tests/golden/make_golden.py writes.
namespace gnocchi::timeseries {

inline std::vector<std::string> split_text(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (!text.empty()) {
    const std::size_t end = text.find(separator, at);
    parts.push_back(text.substr(at, end - at));
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return parts;
}

/// The cases of a file, each as its fields. Throws if the file is not there or empty.
inline std::vector<std::vector<std::string>> golden_lines(const std::string& file) {
  std::ifstream in(GNOCCHI_SOURCE_DIR "/tests/golden/" + file);
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(split_text(line, '\t'));
  if (lines.empty()) throw std::runtime_error("no golden file " + file);
  return lines;
}

inline std::vector<std::int64_t> integers(const std::string& field) {
  std::vector<std::int64_t> numbers;
  for (const std::string& text : split_text(field, ',')) numbers.push_back(std::stoll(text));
  return numbers;
}

inline std::vector<double> floats(const std::string& field) {
  std::vector<double> numbers;
  for (const std::string& text : split_text(field, ',')) {
    numbers.push_back(std::strtod(text.c_str(), nullptr));
  }
  return numbers;
}

inline std::string unhex(const std::string& field) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < field.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(field.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

inline Series golden_series(const std::string& times, const std::string& values) {
  return {integers(times), floats(values)};
}

}  // namespace gnocchi::timeseries
